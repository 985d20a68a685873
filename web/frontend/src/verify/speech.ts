// Saying sentences in a language. Times are those of Beijing, where the bureaus are: an auditor elsewhere must read the same
// clock as the burned-in one, so the reader's own zone plays no part.
import { WORDS } from "built:verify";
import type { Arg, Say } from "./report";

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const ZONE = 8 * 3_600_000;
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

export class Speech {
  private readonly words: Record<string, string>;

  constructor(readonly language: Language) {
    this.words = WORDS[language] ?? {};
  }

  t(id: string, args: Record<string, Arg> = {}): string {
    const text = this.words[id] ?? id;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in args ? this.arg(args[name]!) : whole));
  }

  say(of: Say): string {
    return this.t(of.id, of.args);
  }

  list(items: Arg[]): string {
    return items.map((item) => this.arg(item)).join(this.language === "zh" ? "、" : ", ");
  }

  // Sentences one after another.
  run(sentences: string[]): string {
    return sentences.join(this.language === "zh" ? "" : " ");
  }

  day(at: number): string {
    if (Number.isNaN(at)) return "–";
    const local = new Date(at + ZONE);
    const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
    return this.language === "zh" ? `${year}年${month + 1}月${day}日` : `${day} ${MONTHS[month]} ${year}`;
  }

  // 10:13, or with seconds.
  clock(at: number, seconds = false): string {
    if (Number.isNaN(at)) return "–";
    return new Date(at + ZONE).toISOString().slice(11, seconds ? 19 : 16);
  }

  when(at: number): string {
    return Number.isNaN(at) ? "–" : `${this.day(at)}${this.language === "zh" ? "" : ", "}${this.clock(at)}`;
  }

  // The two largest units that matter: 1小时5分, 9分41秒, 41秒.
  duration(ms: number): string {
    if (ms > 0 && ms < 500) return this.language === "zh" ? "不到1秒" : "under 1 s";
    const seconds = Math.round(ms / 1000);
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const units = this.language === "zh" ? ["小时", "分", "秒"] : [" h ", " min ", " s "];
    const parts = ([[h, 0], [m, 1], [s, 2]] as const).filter(([n]) => n).slice(0, 2).map(([n, unit]) => `${n}${units[unit]}`);
    return parts.join("").trim() || `0${units[2]!.trimEnd()}`;
  }

  bytes(count: number): string {
    for (const [unit, size] of [["GB", 2 ** 30], ["MB", 2 ** 20], ["KB", 2 ** 10]] as const) {
      if (count >= size) return `${(count / size).toFixed(count >= 100 * size ? 0 : 1)} ${unit}`;
    }
    return `${count} B`;
  }

  private arg(of: Arg): string {
    if (typeof of === "string") return of;
    if (typeof of === "number") return of.toLocaleString("en");
    if (Array.isArray(of)) return this.list(of);
    return "at" in of ? this.when(of.at) : this.say(of);
  }
}

