// Ed25519: the browser's own where it has it (Chromium 137, Firefox 129, Safari 17), else a small library of this page.
// Both refuse what RFC 8032 refuses; the library's looser rules (ZIP 215) are switched off.
import { hashes, verify } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Bytes } from "./bytes";

hashes.sha512 = sha512;

export type Verify = (signature: Bytes, message: Bytes, key: Bytes) => Promise<boolean>;

export async function signed(signature: Bytes, message: Bytes, key: Bytes): Promise<boolean> {
  return (await byBrowser(signature, message, key)) ?? byLibrary(signature, message, key);
}

// Null: this browser has no Ed25519.
export async function byBrowser(signature: Bytes, message: Bytes, key: Bytes): Promise<boolean | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return null;
  try {
    const known = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await subtle.verify({ name: "Ed25519" }, known, signature, message);
  } catch {
    return null;
  }
}

export function byLibrary(signature: Bytes, message: Bytes, key: Bytes): boolean {
  try {
    return verify(signature, message, key, { zip215: false });
  } catch {
    return false; // not a point of the curve, or not of the right length
  }
}
