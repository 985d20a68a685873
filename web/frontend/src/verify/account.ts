// What happened, drawn: the account that the journal gives, for somebody who was not there.
import { button, h, icon, mark, type Children, type VNode } from "../dom";
import { isObject } from "./formats/canonical";
import { chart } from "./chart";
import { withheld, type Event } from "./journal";
import type { Report } from "./package";
import type { Arg } from "./report";
import { cause, clock, headline, money, promise, role, ROUTINE, sentence, type Voice } from "./sentences";
import { total, type Span } from "./spans";
import type { Speech } from "./speech";
import { gathered, type Person, type Story, type Stretch } from "./story";

// What happened to somebody, whoever brought it about: who mutes another does not stop speaking.
const OF_A_SEAT = new Set(["SpeakingStarted", "SpeakingStopped", "RecordingStarted", "RecordingStopped", "MediaAwaited", "MediaConnected", "NothingRecorded"]);
const AT_FIRST = 300; // entries of the journal

export interface Shown {
  routine: boolean; // entries that are too frequent to be read one by one
  all: boolean; // beyond the first ones
}

export class Account {
  private readonly t: Speech["t"];
  private readonly voice: Voice;

  constructor(
    private readonly story: Story, private readonly report: Report, private readonly speech: Speech,
    private readonly shown: Shown, private readonly change: (shown: Partial<Shown>) => void,
  ) {
    this.t = speech.t.bind(speech);
    const names = new Map(story.people.map((person) => [person.id, person.name]));
    const titles = new Map(report.session.flatMap(({ type, salt, data }) => (type === "ExhibitTitled" && salt ? [[String(data.exhibit), `“${String(data.title)}”`] as const] : [])));
    this.voice = {
      name: (seat) => names.get(seat) ?? seat,
      exhibit: (id) => titles.get(id) ?? "",
      mediator: story.people.find((person) => person.role === "mediator")?.id ?? "",
    };
  }

  draw(): VNode {
    const { story, t } = this;
    const broken = this.report.verdict === "fails";
    return h("section", { class: "stack-l", "aria-labelledby": "happened", key: "account" },
      h("div", { class: "stack-s" },
        h("h2", { id: "happened", class: "part" }, t("What happened")),
        broken && h("p", { class: "banner", "data-tone": "seal" }, icon("alert"),
          h("span", {}, t("This account is read from a package that does not hold. What it says may be what somebody changed."))),
        h("p", { class: "lede account" }, this.summary()),
        h("p", { class: "meta" }, t("Told from the journal in the package. All times are those of Beijing (UTC+8), by the server's clock."))),
      this.picture(), this.people(), this.routing(), this.missing(), this.outcome(), story.chat.length > 0 && this.chat(), this.journal(),
    );
  }

  // The whole of it in a few sentences.
  private summary(): string {
    const { speech, story, t } = this;
    const lines: string[] = [];
    if (story.opened !== null) {
      lines.push(t("Mediation no. {ordinal} of complaint {number}, {day}, {from} to {until}.", {
        ordinal: story.ordinal, number: story.number, day: speech.day(story.opened), from: speech.clock(story.opened), until: speech.clock(story.end),
      }));
    } else {
      lines.push(t("Mediation no. {ordinal} of complaint {number}. It never began.", { ordinal: story.ordinal, number: story.number }));
    }
    const there = story.people.filter((person) => person.present.length);
    if (there.length) lines.push(t("In the room: {people}.", { people: there.map((person) => this.title(person)) }));
    const absent = story.people.filter((person) => !person.present.length);
    if (absent.length) lines.push(t("Never in the room: {people}.", { people: absent.map((person) => this.title(person)) }));
    for (const talk of story.caucuses) {
      lines.push(talk.side === "consumer" ? t("Private talk with the consumer {from} to {until}: the others heard nothing, nothing was recorded.", this.edges(talk))
        : t("Private talk with the business {from} to {until}: the others heard nothing, nothing was recorded.", this.edges(talk)));
    }
    if (story.cancelled !== null) lines.push(t("It was cancelled: {reason}.", { reason: story.cancelled }));
    else if (story.outcome) lines.push(t("Outcome: {outcome}.", { outcome: headline(story.outcome) }));
    else lines.push(t("There is no outcome."));
    const recorded = there.filter((person) => person.recorded.length);
    lines.push(recorded.length ? t("Recorded: {people}.", { people: recorded.map((person) => person.name) }) : t("Nobody was recorded."));
    const refused = there.filter((person) => !person.recorded.length);
    if (recorded.length && refused.length) lines.push(t("Not recorded: {people}.", { people: refused.map((person) => person.name) }));
    return speech.run(lines);
  }

  private title(person: Person): Arg {
    const standing = person.organisation && person.role !== "mediator" ? person.organisation : role(person.role);
    return { id: "{name} ({standing})", args: { name: person.name, standing } };
  }

  private picture(): Children {
    const svg = chart(this.story, this.speech, (name) => this.t(`gap.${name}`));
    return svg && h("section", { class: "card stack-s", "aria-labelledby": "picture" },
      h("div", { class: "line apart" }, h("h3", { id: "picture" }, this.t("Over time")),
        h("ul", { class: "legend meta" },
          ...[["waiting", "waiting"], ["present", "in the room"], ["speaking", "speaking"], ["away", "cut off"], ["recorded", "recorded"], ["gap", "missing in the recording"]]
            .map(([kind, label]) => h("li", {}, h("span", { class: "swatch", "data-kind": kind }), this.t(label!))))),
      h("div", { class: "scroll-x", tabindex: "0", role: "group", "aria-labelledby": "picture" }, svg));
  }

  private people(): VNode {
    const { speech, t } = this;
    return this.table("people", t("Who was there"), [t("Who"), t("Consents"), t("Identity"), t("In the room"), t("Spoke")],
      this.story.people.map((person) => [
        h("span", { class: "who" }, mark(person.role), h("span", {}, h("b", {}, person.name), h("br"), h("span", { class: "meta" },
          speech.list([role(person.role), ...(person.organisation ? [person.organisation] : [])])))),
        person.answers.length ? h("ul", {}, ...person.answers.map((answer) => h("li", {},
          t(`answer.${answer.kind}.${answer.answer}`), " ", h("span", { class: "meta" }, speech.list([speech.when(answer.at), ...(answer.text ? [t("text {version}", { version: answer.text })] : [])])))))
          : person.role === "mediator" ? t("takes part by office") : t("no answer"),
        person.identity ? t(`identity.${person.identity}`, { name: person.voice }) : person.role === "mediator" ? t("officer") : t("not confirmed"),
        person.present.length ? h("ul", {},
          ...person.present.map((span) => h("li", {}, this.range(span))),
          ...person.away.map((span) => h("li", { class: "meta" }, t("cut off {range}: {cause}", { range: this.range(span), cause: cause(span.cause) })))) : "–",
        person.speaking.length ? speech.duration(total(person.speaking)) : "–",
      ]));
  }

  private routing(): VNode {
    const { story, t } = this;
    const intro = story.routing.length ? t("As the server routed sound and picture, from change to change. Who is not named as hearing heard nobody.")
      : t("The journal names no moment at which anybody could hear anybody.");
    return this.table("routing", t("Who could hear whom"), [t("Time"), t("Could hear"), t("Could see"), t("Recorded")],
      story.routing.map((stretch) => [
        h("span", { class: "nowrap" }, this.range(stretch)), this.matrix(stretch.hears, stretch, "hear"), this.matrix(stretch.sees, stretch, "see"),
        stretch.recorded.length ? this.names(stretch.recorded) : t("nobody"),
      ]), intro);
  }

  // Short where it can be: those who receive one another, those who only receive, and who else was in the room.
  private matrix(of: Record<string, string[]>, stretch: Stretch, verb: "hear" | "see"): Children {
    const { t } = this;
    const receivers = Object.keys(of).filter((who) => of[who]!.length);
    const inside = this.story.people.filter((person) => [...person.present, ...person.away].some((span) => span.from < stretch.until && stretch.from < span.until)).map((person) => person.id);
    const nobody = inside.filter((who) => !receivers.includes(who));
    const lines: string[] = [];
    const sources = this.story.people.map((person) => person.id).filter((id) => receivers.some((who) => of[who]!.includes(id)));
    const each = receivers.every((who) => of[who]!.length === sources.filter((source) => source !== who).length);
    const mutual = sources.filter((who) => receivers.includes(who));
    if (!receivers.length) return t(`nobody.${verb}`);
    if (each && mutual.length === receivers.length && mutual.length === sources.length) {
      lines.push(t(`mutual.${verb}`, { names: this.names(mutual) }));
    } else {
      for (const who of receivers) lines.push(t(`one.${verb}`, { name: this.voice.name(who), names: this.names(of[who]!) }));
    }
    if (nobody.length) lines.push(t(`none.${verb}`, { names: this.names(nobody) }));
    return h("ul", {}, ...lines.map((line) => h("li", {}, line)));
  }

  private missing(): VNode {
    const { speech, story, t } = this;
    const row = (person: Person, span: Span, track: string, why: Children): Children[] => [
      h("span", { class: "who" }, mark(person.role), h("b", {}, person.name)), track,
      h("span", { class: "nowrap" }, this.range(span), " ", h("span", { class: "meta" }, speech.duration(span.until - span.from))), why,
    ];
    const rows = story.people.flatMap((person) => [
      ...gathered(person.gaps).map((gap) => row(person, gap, speech.list(gap.sources.map((source) => t(`source.${source}`))), t(`gap.${gap.cause}`))),
      ...person.unnamed.map((span) => row(person, span, t("all"), h("b", {}, icon("alert"), t("nothing says why")))),
    ]);
    const held = story.people.filter((person) => person.recorded.length).map((person): Arg =>
      ({ id: "{name} {duration}", args: { name: person.name, duration: speech.duration(total(person.recorded)) } }));
    const lines = [held.length ? t("Recordings in the journal: {people}.", { people: held }) : t("The journal names no recording.")];
    if (story.video) lines.push(t("Composed video: {length}, from {from}.", { length: clock(story.video.ms), from: speech.clock(story.video.from, true) }));
    const gone = this.report.manifest?.absent ?? [];
    if (gone.length) lines.push(t("Pieces that the bureau no longer has: {count}.", { count: gone.length }));
    if (story.erased) lines.push(t("Entries whose text was erased: {count}. That they were there, when, and in which order still holds.", { count: story.erased }));
    if (story.withheld) lines.push(t("Entries that were said in confidence: {count}. What they said is in no package; that they were there still holds.", { count: story.withheld }));
    for (const failure of story.failures) lines.push(t("{when}: the recording failed ({cause}).", { when: speech.clock(failure.at, true), cause: cause(failure.cause) }));
    if (story.ledger) lines.push(t("The causes are those of the overview “gaps”; yuntiao verify compares it with the journal."));
    else lines.push(t("The sheet that names the causes of gaps is missing or of another edition."));
    lines.push(rows.length ? t("What is missing while somebody was in the room, and why:") : t("Nothing is missing while anybody was in the room."));
    const intro = speech.run(lines);
    return this.table("missing", t("What is recorded, what is missing and why"), [t("Who"), t("Track"), t("Time"), t("Cause")], rows, intro);
  }

  private outcome(): VNode {
    const { speech, story, t } = this;
    const terms = Array.isArray(story.outcome?.terms) ? story.outcome.terms.filter(isObject) : [];
    const note = typeof story.outcome?.note === "string" ? story.outcome.note : "";
    const loss = typeof story.outcome?.loss_recovered === "string" ? story.outcome.loss_recovered : "";
    return h("section", { class: "card stack-s", "aria-labelledby": "outcome" },
      h("h3", { id: "outcome" }, t("How it ended")),
      h("p", {}, story.cancelled !== null ? t("It was cancelled: {reason}.", { reason: story.cancelled }) : speech.say(headline(story.outcome ?? undefined))),
      terms.length > 0 && h("ol", { class: "paper song terms" }, ...terms.map((term) => h("li", {}, speech.say(promise(term))))),
      Number(loss) > 0 && h("p", {}, t("Loss recovered: {amount}", { amount: money(loss) })),
      note && h("p", {}, t("Note: {note}", { note })),
      story.outcome && h("p", {}, story.papers ? t("Documents under the bureau's seal: {count}.", { count: story.papers })
        : story.signed ? t("Somebody signed, but no document was put under the bureau's seal. That it ended so is the mediator's entry.")
          : t("Nothing was signed. That it ended so is the mediator's entry.")),
      story.outcome && h("p", {}, story.seen.length ? t("Looked at the outcome before it was closed: {people}.", { people: this.names(story.seen) })
        : t("The journal does not say that anybody looked at the outcome before it was closed.")),
      story.anyway && h("p", { class: "banner", "data-tone": "warn" }, icon("alert"), h("span", {}, t("Closed though not everybody had seen the outcome: {reason}", { reason: story.anyway }))),
      story.corrections.length > 0 && h("h4", {}, t("Added afterwards")),
      story.corrections.length > 0 && h("ul", { class: "history" }, ...story.corrections.map((entry) => h("li", {}, `${speech.when(entry.at)} ${entry.by} · ${entry.text}`))));
  }

  private chat(): VNode {
    const { speech, story, t } = this;
    return this.table("chat", t("What was written"), [t("Time"), t("From"), t("To"), t("Text")], story.chat.map((message) => [
      speech.clock(message.at, true), this.voice.name(message.from), message.to ? this.voice.name(message.to) : t("everybody"), message.text,
    ]));
  }

  private journal(): VNode {
    const { change, report, shown, speech, t } = this;
    const events = [...report.session, ...report.complaint];
    const read = (shown.routine ? events : events.filter((event) => !ROUTINE.has(event.type))).sort((a, b) => a.leaf - b.leaf);
    const some = shown.all ? read : read.slice(0, AT_FIRST);
    const table = this.table("journal", t("The journal, entry by entry"), [t("No."), t("Time"), t("Who"), t("What"), t("Hash")],
      some.map((event) => [
        `${event.stream.startsWith("complaint/") ? t("C") : ""}${event.version}`,
        h("span", { class: "nowrap" }, `${speech.day(Date.parse(event.at))} ${speech.clock(Date.parse(event.at), true)}`),
        h("span", { class: "nowrap" }, this.who(event)), speech.say(sentence(event, this.voice)), h("span", { class: "hash nowrap" }, `${event.hash.slice(0, 8)}…`),
      ]), t("Entries of the session and, marked with a letter, of the complaint."));
    table.children.push(h("p", { class: "line" },
      some.length < read.length && button(t("Show all {count}", { count: read.length }), () => change({ all: true }), "btn btn-dense"),
      button(shown.routine ? t("Without routine entries") : t("With routine entries"), () => change({ routine: !shown.routine }), "btn btn-dense")));
    return table;
  }

  private who(event: Event): string {
    const { seat } = event.data;
    if (withheld(event)) return this.t(event.actor.kind === "party" ? "a party" : "the office");
    if (typeof seat === "string" && seat && (event.actor.kind === "system" || OF_A_SEAT.has(event.type))) return this.voice.name(seat);
    if (event.actor.kind === "system") return this.t("the program");
    if (event.actor.kind === "party") return this.voice.name(event.actor.id) === event.actor.id ? event.actor.name : this.voice.name(event.actor.id);
    return event.actor.name || this.t("erased");
  }

  private edges(span: Span): Record<string, Arg> {
    return { from: this.speech.clock(span.from, true), until: this.speech.clock(span.until, true) };
  }

  private range(span: { from: number; until: number }): string {
    const [from, until] = [this.speech.clock(span.from, true), this.speech.clock(span.until, true)];
    const part = (at: number): string => `.${String(at % 1000).padStart(3, "0")}`; // where a second does not tell them apart
    return from === until ? `${from}${part(span.from)}–${until}${part(span.until)}` : `${from}–${until}`;
  }

  private names(seats: string[]): string {
    return this.speech.list(seats.map((seat) => this.voice.name(seat)));
  }

  private table(id: string, title: string, heads: string[], rows: Children[][], intro = ""): VNode {
    return h("section", { class: "card stack-s", "aria-labelledby": id, key: id },
      h("h3", { id }, title),
      intro && h("p", {}, intro),
      rows.length > 0 && h("div", { class: "table-wrap", tabindex: "0", role: "group", "aria-labelledby": id },
        h("table", { class: `told told-${id}` }, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
          h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, i) =>
            h(i ? "td" : "th", i ? { "data-label": heads[i] } : { scope: "row" }, h("div", {}, cell)))))))));
  }
}
