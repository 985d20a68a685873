// manifest.json: what the package says that it holds.
import { text, unbase64, type Bytes } from "./formats/bytes";
import { isObject, parsed, type Json } from "./formats/canonical";
import { sound } from "./formats/zip";

export const FORMAT = "yuntiao-evidence/2";
// Without signed texts, handwriting and files of the complaint.
export const FIRST = "yuntiao-evidence/1";

// The entries that are not items: before them, and after.
export const PAGES = ["index.html", "index.en.html", "index.zh.html"]; // what every package shows people
export const BEFORE = ["manifest.json", "manifest.note"];
export const AFTER = ["export.html", "export.json", "export.note"];

// Where what lies; pages lie beside the folders.
const FOLDERS: Record<string, string> = {
  journal: "journal", log: "log", media: "segment", video: "video", texts: "text", sheets: "sheet",
  exhibits: "exhibit", documents: "document",
  signed: "signed", handwriting: "handwriting", attachments: "attachment",
  transcript: "transcript", spoken: "spoken",
};

export interface Item {
  kind: string;
  path: string;
  sha256: string;
  size: number;
}

export interface Absent {
  cause: "erased" | "missing" | "damaged";
  path: string;
  sha256: string;
  size: number;
}

export interface Manifest {
  absent: Absent[];
  complaint: string;
  format: string;
  number: string;
  installation: string;
  session: string;
  software: string;
  items: Item[];
  key: { name: string; public: Bytes };
}

const HASH = /^[0-9a-f]{64}$/;

// Null: not a manifest of this format.
export function manifest(bytes: Bytes): Manifest | null {
  const written = text(bytes);
  const top = written === null ? undefined : parsed(written)?.value;
  if (!isObject(top) || (top.format !== FORMAT && top.format !== FIRST)) return null;
  const { absent, complaint, complaint_number: number, format, installation, session, software, items, key } = top;
  const texts = [complaint, number, installation, session, software];
  if (!texts.every((value) => typeof value === "string")) return null;
  if (!exactly(top, ["absent", "complaint", "complaint_number", "format", "installation", "items", "key", "session", "software"])) return null;
  if (!Array.isArray(items) || !items.every(isItem) || !rising(items)) return null;
  if (!Array.isArray(absent) || !absent.every(isAbsent) || !rising(absent)) return null;
  if (!isObject(key) || !exactly(key, ["name", "public"]) || typeof key.name !== "string" || typeof key.public !== "string") return null;
  const raw = unbase64(key.public);
  if (raw?.length !== 32) return null;
  return {
    absent, complaint: complaint as string, format: format as string, number: number as string, installation: installation as string,
    session: session as string, software: software as string, items, key: { name: key.name, public: raw },
  };
}

export function kindOf(path: string): string | undefined {
  if (!path.includes("/")) return path.endsWith(".html") ? "page" : undefined;
  return FOLDERS[path.slice(0, path.indexOf("/"))];
}

function exactly(of: object, names: string[]): boolean {
  const there = Object.keys(of);
  return there.length === names.length && names.every((name) => there.includes(name));
}

function isFile(value: Json): value is { path: string; sha256: string; size: number } {
  return isObject(value) && typeof value.path === "string" && sound(value.path)
    && ![...BEFORE, ...AFTER].includes(value.path) && typeof value.sha256 === "string" && HASH.test(value.sha256) && typeof value.size === "number" && value.size >= 0;
}

function isItem(value: Json): value is Json & Item {
  if (!isFile(value) || !isObject(value)) return false;
  const { kind, sm3 } = value as { kind?: Json; sm3?: Json };
  return kind !== undefined && kind === kindOf(value.path) && (sm3 === undefined || (typeof sm3 === "string" && HASH.test(sm3)))
    && exactly(value, sm3 === undefined ? ["kind", "path", "sha256", "size"] : ["kind", "path", "sha256", "size", "sm3"]);
}

function isAbsent(value: Json): value is Json & Absent {
  return isFile(value) && ["erased", "missing", "damaged"].includes((value as { cause?: string }).cause ?? "")
    && exactly(value, ["cause", "path", "sha256", "size"]);
}

function rising(files: { path: string }[]): boolean {
  return files.every((file, i) => i === 0 || files[i - 1]!.path < file.path);
}
