// Bundles the browser's scripts: one entry per page, shared parts split out, names by content.
// `OUT` names the folder; `--tests` bundles and runs the tests beside the sources instead.
import * as esbuild from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const target = ["es2018", "chrome70", "safari14"];

async function pages(outdir) {
  const made = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["room", "cockpit", "device", "office", "audit"].map((name) => `src/${name}.ts`),
    bundle: true, minify: true, splitting: true, format: "esm", target,
    // esbuild mistrusts destructuring in Safari before 14.1 because of one rare scoping fault; all targets run it.
    supported: { destructuring: true },
    outdir, entryNames: "[name]-[hash]", chunkNames: "part-[hash]", metafile: true, legalComments: "linked",
    logLevel: "warning",
  });
  const manifest = {};
  for (const [path, about] of Object.entries(made.metafile.outputs)) {
    if (about.entryPoint) manifest[about.entryPoint] = { file: path.split("/").pop(), bytes: about.bytes };
  }
  writeFileSync(join(outdir, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
}

async function tests() {
  const folder = join(here, "../../tests/frontend");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  const outdir = mkdtempSync(join(here, "node_modules/.tests-"));
  try {
    await esbuild.build({
      absWorkingDir: here, entryPoints: files.map((name) => join(folder, name)),
      bundle: true, platform: "node", format: "esm", outdir, outExtension: { ".js": ".mjs" }, logLevel: "warning",
      alias: { "@": join(here, "src") },
    });
    const run = spawnSync(process.execPath, ["--test", ...files.map((name) => join(outdir, name.replace(/\.ts$/, ".mjs")))], { stdio: "inherit" });
    process.exitCode = run.status ?? 1;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

if (process.argv.includes("--tests")) await tests();
else await pages(process.env.OUT ?? join(here, "../static/dist"));
