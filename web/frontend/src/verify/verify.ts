// The verification page inside every evidence package: opened from a disk, without a network, it takes the package, judges it
// and tells what happened. Owns the page's state; everything that judges is in verify/ and knows no page.
import { EDITIONS } from "built:verify";
import { button, h, icon, patch, spriteAt, type Children } from "../dom";
import { Account, type Shown } from "./account";
import { checkList, verdictCard } from "./findings";
import { anchor, expectedWitnesses, type Expected } from "./formats/key";
import { compared, judge, Stopped, witnessed, type Report } from "./package";
import { LANGUAGES, Speech, type Language } from "./speech";
import { story, type Story } from "./story";
import type { Source } from "./formats/zip";

interface State {
  language: Language;
  over: boolean; // something is being dragged over the page
  file: File | null;
  working: { done: number; all: number; path: string } | null;
  stopped: boolean;
  report: Report | null; // as judged, before any key was given
  countersigned: Report | null; // the same by the witnesses' keys that were given
  told: Story | null;
  trouble: string; // the file could not be read at all
  pasted: string;
  key: Expected | null;
  witnesses: string; // their keys, as pasted
  shown: Shown;
  unfolded: Set<string>;
}

const state: State = {
  language: navigator.languages.some((one) => one.toLowerCase().startsWith("zh")) ? "zh" : "en",
  over: false, file: null, working: null, stopped: false, report: null, countersigned: null, told: null, trouble: "", pasted: "", key: null,
  witnesses: "",
  shown: { routine: false, all: false }, unfolded: new Set(),
};
const wished = /[?#&]lang=(zh|en)\b/.exec(location.href)?.[1];
if (wished) state.language = wished as Language;

spriteAt("");
const root = document.getElementById("page")!;

function change(what: Partial<State>): void {
  Object.assign(state, what);
  draw();
}

async function take(file: File): Promise<void> {
  if (state.working) return;
  change({
    file, working: { done: 0, all: 0, path: "" }, stopped: false, report: null, countersigned: null, told: null, trouble: "",
    shown: { routine: false, all: false }, unfolded: new Set(),
  });
  let drawn = 0;
  try {
    const report = await judge(fromFile(file), {
      editions: EDITIONS,
      stopped: () => state.stopped,
      progress: (done, all, path) => {
        state.working = { done, all, path };
        if (performance.now() - drawn < 100) return;
        drawn = performance.now();
        draw();
      },
    });
    change({ report, countersigned: await byWitnesses(report), told: report.session.length ? story(report.session, report.sheets.gaps) : null });
  } catch (error) {
    if (!(error instanceof Stopped)) change({ trouble: String(error instanceof Error ? error.message : error) });
  } finally {
    change({ working: null });
  }
  // Whoever cannot see the page is taken to the sentence that matters.
  document.getElementById("verdict")?.focus({ preventScroll: true });
}

function fromFile(file: File): Source {
  return {
    size: file.size,
    read: async (from, to) => new Uint8Array(await file.slice(from, to).arrayBuffer()),
  };
}

function giveKey(pasted: string): void {
  change({ pasted, key: anchor(pasted) });
}

async function giveWitnesses(witnesses: string): Promise<void> {
  change({ witnesses });
  const { report } = state;
  const countersigned = report && await byWitnesses(report);
  if (state.report === report && state.witnesses === witnesses) change({ countersigned });
}

async function byWitnesses(report: Report): Promise<Report> {
  const known = expectedWitnesses(state.witnesses);
  return known ? witnessed(report, known) : report;
}

// ---------------------------------------------------------------- drawing

function draw(): void {
  const speech = new Speech(state.language);
  const t = speech.t.bind(speech);
  const { countersigned, file, key, told, trouble, working } = state;
  const judged = countersigned && key ? compared(countersigned, key) : countersigned;
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = t("Verify an evidence package · Yuntiao");
  patch(root,
    h("a", { class: "skip", href: "#main" }, t("Skip to the text")),
    h("header", { class: "office-nav" },
      h("span", { class: "brand" }, icon("logo", "logo"), t("Yuntiao")),
      h("div", { class: "languages line", role: "group", "aria-label": "语言 Language" }, ...LANGUAGES.map((language) =>
        button(language === "zh" ? "中文" : "English", () => change({ language }), "btn btn-quiet btn-dense", {
          key: language, lang: language === "zh" ? "zh-CN" : "en", "aria-pressed": String(language === state.language),
        }))),
    ),
    h("main", { id: "main", class: "stack-l wide" },
      h("div", { class: "stack-s", key: "head" },
        h("h1", {}, t("Verify an evidence package")),
        !judged && h("p", { class: "lede" }, t("You need the package and this page, nothing else. No network is used and nothing leaves this computer.")),
      ),
      h("div", { class: "vh", role: "status", key: "status" }, working ? t("Checking …") : judged ? t("Checked.") : ""),
      dropZone(speech),
      working && h("section", { class: "card stack-s", key: "working", "aria-label": t("Checking …") },
        h("p", { class: "line apart" }, h("b", {}, t("Checking …")), h("span", { class: "meta num" },
          working.all ? t("{done} of {all}", { done: speech.bytes(working.done), all: speech.bytes(working.all) }) : "")),
        h("progress", { max: 1, "aria-label": t("Checking …"), ...(working.all ? { value: working.done / working.all } : {}) }),
        h("p", { class: "meta hash" }, working.path || "\u00a0"),
        h("p", {}, button(t("Stop"), () => change({ stopped: true }), "btn btn-dense"))),
      trouble && h("section", { class: "banner", "data-tone": "seal", role: "alert", key: "trouble" }, icon("alert"),
        h("span", {}, t("The file could not be read: {trouble}", { trouble }))),
      judged && file && verdictCard(judged, speech, file.name, keyForms(speech)),
      judged && checkList(judged, speech, state.unfolded, (code) => change({ unfolded: new Set([...state.unfolded, code]) })),
      judged && told && new Account(told, judged, speech, state.shown, (shown) => change({ shown: { ...state.shown, ...shown } })).draw(),
      limits(speech, judged),
    ),
  );
}

function dropZone(speech: Speech): Children {
  const t = speech.t.bind(speech);
  const again = state.report !== null || state.working !== null;
  return h("section", { class: again ? "drop drop-again" : "drop", "data-over": state.over && "", key: "drop" },
    !again && icon("file", "icon drop-icon"),
    !again && h("p", { class: "drop-words" }, t("Drop the package (ZIP) here, or")),
    h("label", { class: again ? "btn" : "btn btn-act" }, again ? t("Another package") : t("Choose the package"),
      h("input", {
        type: "file", class: "vh", accept: ".zip,application/zip", disabled: state.working !== null, on: {
          change: (event) => {
            const input = event.target as HTMLInputElement;
            const [file] = Array.from(input.files ?? []);
            input.value = "";
            if (file) void take(file);
          },
        },
      })));
}

function keyForms(speech: Speech): Children {
  const t = speech.t.bind(speech);
  const { key, pasted, witnesses } = state;
  const known = expectedWitnesses(witnesses);
  return [
    keyForm(
      "key", t("Or let the page compare: paste the bureau's key, or choose the file it is in"), t("Key file"), pasted, giveKey,
      key ? t("Compared.") : t("Get the key from the bureau itself, not from who gave you the package."),
      key ? "" : t("There is no key in it, or several. A key looks like the one above."),
    ),
    keyForm(
      "witness", t("Keys of witnesses, if you have any: paste them, or choose the file they are in"), t("Key file"), witnesses,
      (given) => void giveWitnesses(given.replace(/\s+/g, " ")),
      known ? t("Compared with: {names}.", { names: speech.list([...known.keys()]) })
        : t("Get each from the witness itself. Who is named here has to have signed."),
      known ? "" : t("These are not keys of witnesses, or not whole: each looks like the bureau's, with the witness's name before it."),
    ),
  ];
}

// `fault` is what is wrong with what was pasted, if anything was.
function keyForm(id: string, label: string, choose: string, pasted: string, give: (text: string) => void, said: string, fault: string): Children {
  const wrong = pasted.trim() !== "" && fault !== "";
  const take = async (file: File | undefined): Promise<void> => {
    if (file && file.size < 65_536) give(await file.text());
  };
  return h("div", { class: "field key-form", key: id },
    h("label", { for: id, id: `${id}-label` }, label),
    h("div", { class: "line key-line" },
      h("input", {
        id, class: "input hash", type: "text", autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-said`,
        "aria-invalid": wrong ? "true" : false, props: { value: pasted },
        on: { input: (event) => give((event.target as HTMLInputElement).value) },
      }),
      h("label", { class: "btn" }, choose, h("input", {
        type: "file", class: "vh", "aria-describedby": `${id}-label`, on: { change: (event) => void take((event.target as HTMLInputElement).files?.[0]) },
      }))),
    h("p", { id: `${id}-said`, class: wrong ? "error" : "hint", role: "status" }, wrong ? fault : said));
}

// What a page inside the package cannot say about itself.
function limits(speech: Speech, judged: Report | null): Children {
  const t = speech.t.bind(speech);
  return h("aside", { class: "stack-s meta limits", "aria-labelledby": "limits", key: "limits" },
    h("h2", { id: "limits" }, t("What this page cannot do")),
    h("ul", { class: "details" },
      h("li", {}, t("Whoever can alter a package can also alter the page inside it. Where much depends on it, open the page of another package of the bureau, or use the program yuntiao verify.")),
      h("li", {}, t("The signature of a time-stamping authority and the sheets that are derived from the journal are checked by yuntiao verify.")),
      h("li", {}, t("It shows that nothing was altered since it was written down. It cannot show that cameras and people told the truth.")),
      judged?.manifest && h("li", {}, t("The package was made by {software}.", { software: judged.manifest.software }))));
}

// Files are taken wherever on the page they are let go.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  if (!state.over) change({ over: true });
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget && state.over) change({ over: false });
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  change({ over: false });
  if (file) void take(file);
});

draw();
