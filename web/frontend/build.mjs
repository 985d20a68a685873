// Bundles the browser's scripts: one entry per page, shared parts split out, names by content.
// `OUT` names the folder; `--tests` bundles and runs the scripts' own tests instead.
import * as esbuild from "esbuild";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const target = ["es2018", "chrome70", "safari14"];

// What every page has.
const EVERY = ["layout/layout"];
// What shares parts: each page that shares more would split them further, and a phone fetches every part by itself.
const CALL = ["room/room", "cockpit/cockpit", "join/device", "room/later"];
// What a page fetches when it is wanted, of the same parts.
const LATER = { "src/room/room.ts": "src/room/later.ts" };
const OTHERS = [
  "join/trial_call", "office/office", "office/calendar", "office/alerts", "office/queue", "office/selection", "record/audit", "record/review", "record/statements",
  "window/window", "office/places", "office/board", "office/screen", "sign/sign",
];

// What a page fetches only when somebody asks for it: scripts of their own, beside the page. Their programs and models come out
// of packages and lie beside them, named by content. Returns the names by which the pages' sources call their addresses.
const ASIDE = { BACKGROUND_WORKER: "background/worker", NOISE_WORKER: "noise/worker" };
const ADDRESS = "/static/dist/";

async function aside(outdir) {
  const made = await esbuild.build({
    absWorkingDir: here, entryPoints: Object.values(ASIDE).map((name) => ({ in: `src/${name}.ts`, out: name.replace("/", "-") })), bundle: true, minify: true, format: "iife",
    target: ["es2020", "chrome91", "safari16.4"], external: ["fs", "path", "crypto"], loader: { ".wasm": "file", ".tflite": "file" }, publicPath: ADDRESS,
    outdir, entryNames: "[name]-[hash]", assetNames: "[name]-[hash]", metafile: true, legalComments: "linked", logLevel: "warning",
  });
  const entries = Object.entries(made.metafile.outputs).filter(([, about]) => about.entryPoint);
  return Object.fromEntries(Object.entries(ASIDE).map(([name, source]) => {
    const [path] = entries.find(([, about]) => about.entryPoint === `src/${source}.ts`);
    return [name, JSON.stringify(ADDRESS + basename(path))];
  }));
}

// The licences of everything that is served: theirs ask that they go with it.
function licences(outdir) {
  const served = Object.entries(JSON.parse(read("package-lock.json")).packages).filter(([name, about]) => name && !about.dev && !about.devOptional);
  writeFileSync(join(outdir, "licences.txt"), served.map(([name, about]) => {
    const file = readdirSync(join(here, name)).find((one) => /^licen[cs]e/i.test(one));
    return `${name.replace("node_modules/", "")} ${about.version} (${about.license})\n\n${file ? read(`${name}/${file}`).trim() : ""}\n`;
  }).join(`\n${"-".repeat(72)}\n\n`));
}

async function pages(outdir, define) {
  const manifest = {};
  for (const entries of [EVERY, CALL, OTHERS]) {
    const made = await esbuild.build({
      absWorkingDir: here, entryPoints: entries.map((name) => `src/${name}.ts`),
      bundle: true, minify: true, splitting: true, format: "esm", target,
      // esbuild mistrusts destructuring in Safari before 14.1 because of one rare scoping fault; all targets run it.
      supported: { destructuring: true },
      outdir, entryNames: "[name]-[hash]", chunkNames: "part-[hash]", metafile: true, legalComments: "linked", define,
      logLevel: "warning",
    });
    const { outputs } = made.metafile;
    for (const [path, about] of Object.entries(outputs)) {
      if (about.entryPoint) manifest[about.entryPoint] = { file: basename(path), bytes: about.bytes };
    }
    if (entries === CALL) divided(manifest, outputs);
  }
  writeFileSync(join(outdir, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
}

// What an output imports, with itself.
function needed(outputs, start) {
  const found = new Set([start]);
  for (const path of found) for (const one of outputs[path].imports) if (outputs[one.path]) found.add(one.path);
  return found;
}

// What belongs to a page: `later`, the files it may fetch, their script first; `silent`, what of the room's catalogue only the sources
// of other pages name. What nobody names is put together.
function divided(manifest, outputs) {
  const start = (entry) => Object.keys(outputs).find((path) => outputs[path].entryPoint === entry);
  const wanted = Object.fromEntries(Object.entries(LATER).map(([page, entry]) => [page, [...needed(outputs, start(entry))]]));
  const ids = [...messages(read("../locales/zh/room.po"))].map(([id]) => id);
  const pages = CALL.map((name) => `src/${name}.ts`).filter((page) => !Object.values(LATER).includes(page));
  const named = new Map(pages.map((page) => {
    const own = needed(outputs, start(page));
    if (wanted[page]) manifest[page].later = wanted[page].filter((path) => !own.has(path)).map((path) => basename(path));
    const sources = new Set([...own, ...(wanted[page] ?? [])].flatMap((path) => Object.keys(outputs[path].inputs)));
    const text = [...sources].filter((path) => !path.includes("node_modules")).map(read).join("\n");
    return [page, new Set(ids.filter((id) => text.includes(JSON.stringify(id))))];
  }));
  for (const [page, own] of named) {
    manifest[page].silent = ids.filter((id) => !own.has(id) && [...named.values()].some((other) => other.has(id)));
  }
}

// verify.html: one file with everything in it, because it is opened from a disk, years later, without a network. Its policy
// allows this one script and this one style, and no connection at all.
async function verifyPage(outdir) {
  const script = await bundled("src/verify/verify.ts");
  const page = read("src/verify/page.html");
  const sheet = async (...paths) =>
    (await esbuild.transform(paths.map(read).join("\n"), { loader: "css", minify: true, target: ["chrome88", "firefox78", "safari14.1"] })).code.trim();
  const style = worn(await sheet("../static/tokens.css", "../static/app.css"), page + script) + await sheet("src/verify/verify.css");
  const sum = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const parts = {
    policy: `default-src 'none'; script-src ${sum(script)}; style-src ${sum(style)}; img-src data:; base-uri 'none'; form-action 'none'`,
    style, sprite: sprite(["logo", "shield", "check", "cross", "alert", "info", "next", "file"]), script,
  };
  writeFileSync(join(outdir, "verify.html"), page.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]));
}

// A minified sheet without the rules for classes that are named nowhere in these texts: half of the pages' sheet.
function worn(sheet, texts) {
  const may = (selector) => [...selector.replace(/:(is|not|where|has)\([^)]*\)/g, "").matchAll(/\.([A-Za-z_][\w-]*)/g)].every(([, name]) => texts.includes(name));
  const rules = sheet.replace(/([^{}]+)(\{[^{}]*\})/g, (rule, selectors, body) => {
    const kept = selectors.startsWith("@") ? [selectors] : selectors.split(/,(?![^(]*\))/).filter(may);
    return kept.length ? kept.join(",") + body : "";
  });
  return rules.replace(/@media[^{}]*\{\}/g, "");
}

async function bundled(entry) {
  const made = await esbuild.build({
    absWorkingDir: here, entryPoints: [entry], bundle: true, minify: true, format: "iife", charset: "utf8", write: false,
    target: ["es2020", "chrome88", "firefox78", "safari14.1"], legalComments: "inline", plugins: [builtIn], logLevel: "warning",
  });
  return made.outputFiles[0].text.trim();
}

function read(path) {
  return readFileSync(join(here, path), "utf8");
}

// The symbols of these names, of web/static/icons.svg.
function sprite(names) {
  const symbols = read("../static/icons.svg").match(/<symbol[^]*?<\/symbol>/g).filter((one) => names.includes(/id="([^"]+)"/.exec(one)[1]));
  if (symbols.length !== names.length) throw new Error("an icon is missing");
  return `<svg hidden xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

// What src/verify is built with: its words, and the editions of the consents' texts.
const builtIn = {
  name: "built",
  setup(build) {
    build.onResolve({ filter: /^built:/ }, ({ path }) => ({ path, namespace: "built" }));
    build.onLoad({ filter: /sentences\.json$/ }, () => ({ loader: "json", contents: sentences() }));
    build.onLoad({ filter: /.*/, namespace: "built" }, () => ({
      loader: "js", contents: `export const WORDS = ${JSON.stringify(words())};\n${editions()}`,
    }));
  },
};

// The table of sentences without what only the pages say of an event.
function sentences() {
  const of = (rows) => rows.filter((row) => row.for !== "page").map(({ for: _, then, ...row }) => (then ? { ...row, then: of(then) } : row));
  const table = JSON.parse(read("../office/audit/sentences.json"));
  const { exports: _, files: __, ...words } = table.words;
  const streams = ["session", "complaint"].map((stream) => [stream, Object.fromEntries(Object.entries(table[stream]).map(([type, rows]) => [type, of(rows)]))]);
  return JSON.stringify({ ...table, words, ...Object.fromEntries(streams) });
}

// Its own catalogue, and of the pages' catalogues what its sources name: the record and this page say the same.
function words() {
  const written = readdirSync(join(here, "src/verify"), { recursive: true }).filter((name) => name.endsWith(".ts")).map((name) => read(`src/verify/${name}`));
  const sources = [...written, sentences()].join("\n");
  const found = {};
  for (const language of ["zh", "en"]) {
    const all = {};
    const catalogues = readdirSync(join(here, "../locales", language), { recursive: true });
    for (const domain of ["layout", "office", "audit", "telling", "verify"]) {
      const path = catalogues.find((name) => basename(name) === `${domain}.po`);
      if (path === undefined) continue;
      for (const [id, text] of messages(read(`../locales/${language}/${path}`))) {
        if (domain === "verify" || sources.includes(JSON.stringify(id))) all[id] = text;
      }
    }
    found[language] = all;
  }
  return found;
}

// Singulars of a catalogue. Python's blanks, %(name)s, become {name}.
function* messages(po) {
  const text = (lines) => [...lines.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => JSON.parse(`"${part}"`)).join("").replace(/%\((\w+)\)s/g, "{$1}").replace(/%%/g, "%");
  for (const [, id, said] of po.matchAll(/^msgid ((?:".*"\s*)+)msgstr ((?:".*"\s*)+)/gm)) {
    if (text(id) && text(said)) yield [text(id), text(said)];
  }
}

// The texts that people agree to on the way in. Every line stands there once: most are the same from one edition to the next.
function editions() {
  const folder = join(here, "../../rooms/joining/consents/editions");
  const lines = new Map();
  const files = Object.fromEntries(readdirSync(folder).sort().map((edition) => [edition, Object.fromEntries(
    readdirSync(join(folder, edition)).sort().filter((name) => /^(notice|recording|transcribe)\./.test(name)).map((name) => [
      name.replace(/\.txt$/, ""),
      readFileSync(join(folder, edition, name), "utf8").split("\n").map((line) => lines.get(line) ?? (lines.set(line, lines.size), lines.size - 1)),
    ]),
  )]));
  return `const lines = ${JSON.stringify([...lines.keys()])}, files = ${JSON.stringify(files)};
for (const edition of Object.values(files)) for (const name in edition) edition[name] = edition[name].map((n) => lines[n]).join("\\n");
export const EDITIONS = files;`;
}

async function tests() {
  const folder = join(here, "../../tests/frontend");
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".test.ts"));
  const outdir = mkdtempSync(join(here, "node_modules/.tests-"));
  try {
    await esbuild.build({
      absWorkingDir: here, entryPoints: files.map((name) => join(folder, name)), outbase: folder,
      bundle: true, platform: "node", format: "esm", outdir, outExtension: { ".js": ".mjs" }, logLevel: "warning",
      plugins: [builtIn], alias: { "@": join(here, "src") }, define: Object.fromEntries(Object.keys(ASIDE).map((name) => [name, '""'])),
    });
    const run = spawnSync(process.execPath, ["--test", ...files.map((name) => join(outdir, name.replace(/\.ts$/, ".mjs")))], { stdio: "inherit" });
    process.exitCode = run.status ?? 1;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

// What judges packages, to be run by node beside the Python verifier: paths in, one line of JSON per package out.
async function judge(outfile) {
  await esbuild.build({
    absWorkingDir: here, entryPoints: [join(here, "../../tests/frontend/judge.ts")], bundle: true, platform: "node", format: "esm",
    outfile, logLevel: "warning", plugins: [builtIn], alias: { "@": join(here, "src") },
  });
}

if (process.argv.includes("--tests")) await tests();
else if (process.env.JUDGE) await judge(process.env.JUDGE);
else {
  const outdir = process.env.OUT ?? join(here, "../static/dist");
  await pages(outdir, await aside(outdir));
  licences(outdir);
  await verifyPage(outdir);
}
