// What is seldom used comes when it is wanted. Its files are fetched before they are imported: a browser remembers an import that
// failed and does not try it again, and what was fetched it has.
import { button, h, icon, type Children, type VNode } from "../dom";
import { t } from "../words";

export type Later = typeof import("./later");

const MOST_MS = 20_000;

export class Seldom {
  parts: Later | null = null;
  private state: "" | "fetching" | "failed" | "old" = "";
  private wanted = false;
  private tried = false;

  // `files`: the script, then what it needs besides.
  constructor(
    private readonly files: readonly string[], private readonly redraw: () => void,
    private readonly bring: (file: string) => Promise<Later> = (file) => import(file) as Promise<Later>,
  ) {}

  // As `draw` says once it is here; until then `frame` is given what is read in its place.
  show(draw: (parts: Later) => VNode | null, frame: (said: Children) => VNode): VNode | null {
    if (this.parts) return draw(this.parts);
    this.wanted = true;
    if (!this.state) void this.fetch();
    return frame(this.said());
  }

  // It will be wanted soon. That it failed is told to nobody; whoever wants it asks for it again.
  ahead(): void {
    if (!this.tried && !this.parts && !this.state) void this.fetch();
  }

  private async fetch(): Promise<void> {
    this.state = "fetching";
    this.tried = true;
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), MOST_MS);
    try {
      this.state = await this.fetched(waiting.signal);
    } catch {
      this.state = this.wanted ? "failed" : "";
    }
    clearTimeout(timer);
    this.redraw();
  }

  private async fetched(signal: AbortSignal): Promise<"" | "old"> {
    const answers = await Promise.all(this.files.map((file) => fetch(file, { signal })));
    if (answers.some(({ status }) => status === 404)) return "old"; // the program is a newer one
    if (!answers.every(({ ok }) => ok)) throw new Error("not served");
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    try {
      this.parts = await this.bring(this.files[0]!);
    } catch {
      return "old";
    }
    return "";
  }

  private said(): Children {
    if (this.state === "old") {
      return banner(t("There is a newer edition of this page. Please load it again: you come back by yourself."),
        t("Load the page again"), () => window.location.reload());
    }
    if (this.state !== "failed") return h("p", { class: "meta", role: "status", key: "fetching" }, t("One moment …"));
    return banner(t("This could not be opened: the network is weak. Please try again."), t("Try again"), () => {
      void this.fetch();
      this.redraw();
    });
  }
}

function banner(sentence: string, label: string, press: () => void): VNode {
  return h("div", { class: "banner", "data-tone": "warn", role: "alert", key: "not-fetched" }, icon("offline"),
    h("div", {}, h("p", {}, sentence), button(label, press, "btn btn-dense")));
}
