// Words: the page's catalogue, names of roles and phases, and how times and money are written.
import type { Phase, Role, Seat } from "./room/wire";

let spoken = "zh";
let zone: string | undefined;
let catalogue: Record<string, string> = {};

export function speak(lang: string, words: Record<string, string>, timezone = ""): void {
  spoken = lang;
  catalogue = words;
  zone = timezone || undefined;
}

export function language(): string {
  return spoken;
}

// Message ids are English sentences with {blanks}.
export function t(message: string, params: Record<string, string | number> = {}): string {
  const text = catalogue[message] ?? message;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

// A sentence for an error code; every code the room knows has one.
export function sentence(code: string, params: Record<string, unknown> = {}): string {
  const plain: Record<string, string | number> = {};
  for (const name of Object.keys(params)) plain[name] = String(params[name]);
  for (const key of [`error.${code}.${String(params.problem ?? params.field ?? "")}`, `error.${code}`, "error.unknown"]) {
    if (catalogue[key]) return t(key, plain);
  }
  return code;
}

export function roleName(role: Role): string {
  switch (role) {
    case "mediator": return t("mediator");
    case "consumer": return t("consumer");
    case "business": return t("business");
    case "representative": return t("second representative");
    case "lawyer": return t("lawyer");
    case "interpreter": return t("interpreter");
    case "companion": return t("companion");
    case "observer": return t("observer");
    case "supervisor": return t("supervisor");
  }
}

export function phaseName(phase: Phase): string {
  switch (phase) {
    case "opening": return t("Opening");
    case "consumer_statement": return t("Consumer's statement");
    case "business_statement": return t("Business's statement");
    case "discussion": return t("Discussion");
    case "proposal": return t("Proposal");
    case "closing": return t("Closing");
  }
}

// What stands beside a name: the organisation for a business, else the role, with the side for helpers.
export function standing(seat: Seat): string {
  if (seat.organisation && seat.role !== "mediator") return seat.organisation;
  if (seat.side && seat.role !== "consumer" && seat.role !== "business") {
    const role = roleName(seat.role);
    return seat.side === "consumer" ? t("{role} of the consumer", { role }) : t("{role} of the business", { role });
  }
  return roleName(seat.role);
}

// Whether a cause of being away is that what they came in by is no more.
export function isEnded(cause: string): boolean {
  return cause !== "" && !["connection", "socket", "media", "server"].includes(cause);
}

// What has ended, of somebody who cannot come back by what they came in by; "" of everybody else.
export function ending(seat: Seat): string {
  if (!isEnded(seat.away_cause)) return "";
  switch (seat.away_cause) {
    case "link_revoked": return t("link withdrawn");
    case "link_replaced": return t("new link issued, not back yet");
    case "link_ended": return t("link no longer valid");
    case "signed_out": return t("signed out");
    case "withheld": return t("may no longer take part");
    default: return t("no longer connected");
  }
}

export function qualityWord(level: number): string {
  return [t("unknown"), t("bad"), t("weak"), t("good"), t("very good")][Math.max(0, Math.min(4, level))] ?? "";
}

// To somebody whose own network carries no more than sound, one way or both.
export function weakSentence(paused: Seat["paused"]): string {
  if (!paused.includes("from")) return t("Your network is weak. Sound comes first; the pictures come back in a while.");
  if (!paused.includes("to")) return t("Your network is weak. You are heard; your own picture comes back in a while.");
  return t("Your network is weak. Sound comes first; all pictures come back in a while.");
}

// 12:46, or 1:02:46 from an hour on.
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const rest = `${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0(\d:)/, "$1");
}

// 00:12:46: for the mediator's session clock.
export function longDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  return [total / 3600, (total / 60) % 60, total % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");
}

export function hourAndMinute(iso: string | number): string {
  return new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
}

// 10:31:08: for what is tied to its second of the recording.
export function clockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone });
}

export function dayAndTime(iso: string): string {
  const locale = spoken === "zh" ? "zh-CN" : "en-GB";
  return new Date(iso).toLocaleString(locale, {
    year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone,
  });
}

// ¥2,000.00 from "2000.00"; the digits never pass through a float.
export function money(amount: string): string {
  const [whole = "0", cents = ""] = amount.split(".");
  return `¥${whole.replace(/\B(?=(\d{3}){1,6}$)/g, ",")}.${cents.padEnd(2, "0").slice(0, 2)}`;
}

// A datetime-local value is wall-clock time in the office's zone; the wire wants UTC.
export function wallToUtc(value: string): string | null {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(value);
  if (!parts) return null;
  const wanted = Date.UTC(+parts[1]!, +parts[2]! - 1, +parts[3]!, +parts[4]!, +parts[5]!);
  let guess = wanted;
  for (let i = 0; i < 2; i++) guess = wanted - offset(guess); // twice: the offset may differ across a change
  return new Date(guess).toISOString().replace(/\.\d{3}Z$/, "Z");
}

// The other way: what a datetime-local field shows for a moment.
export function utcToWall(iso: string): string {
  return new Date(Math.floor(Date.parse(iso) / 60_000) * 60_000 + offset(Date.parse(iso))).toISOString().slice(0, 16);
}

function offset(at: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(new Date(at));
  const n = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(n("year"), n("month") - 1, n("day"), n("hour"), n("minute"), n("second")) - Math.floor(at / 1000) * 1000;
}

export function inChinese(): boolean {
  return spoken === "zh";
}

const DIGITS = "零一二三四五六七八九";

// 1 → 一, 12 → 十二, 40 → 四十: numbers under a hundred, as Chinese texts count their clauses.
export function numeral(n: number): string {
  const tens = Math.floor(n / 10);
  const ones = n % 10;
  return `${tens > 1 ? DIGITS.charAt(tens) : ""}${tens ? "十" : ""}${ones || !tens ? DIGITS.charAt(ones) : ""}`;
}

// （一）… in Chinese, (1) … elsewhere: how the items of an article are numbered.
export function ordinal(n: number): string {
  return spoken === "zh" ? `（${"一二三四五六七八九十".charAt(n - 1)}）` : `(${n}) `;
}
