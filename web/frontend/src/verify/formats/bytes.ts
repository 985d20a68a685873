// Bytes as text and back: hex, base64, UTF-8. All strict: what is not exactly of the form is null.

export type Bytes = Uint8Array<ArrayBuffer>;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

export function text(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

export function hex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0");
  return out;
}

// Lower case only, because that is how hashes are written in a package.
export function unhex(digits: string): Bytes | null {
  if (digits.length % 2 || !/^[0-9a-f]*$/.test(digits)) return null;
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}

// Padded, standard alphabet; bits after the end must be zero, so that every value has one spelling.
export function unbase64(letters: string): Bytes | null {
  if (letters.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(letters)) return null;
  const raw = atob(letters);
  if (btoa(raw) !== letters) return null;
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

export function base64(bytes: Uint8Array): string {
  let raw = "";
  for (const byte of bytes) raw += String.fromCharCode(byte);
  return btoa(raw);
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function joined(parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// The text's lines without their newlines; null when the last one does not end in one.
export function lines(of: string): string[] | null {
  if (of === "") return [];
  return of.endsWith("\n") ? of.slice(0, -1).split("\n") : null;
}
