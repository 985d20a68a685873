// The installation's Merkle tree, RFC 9162: leaf hashes and proofs that a leaf is in the tree of a given size.
import { sha256 } from "@noble/hashes/sha2.js";
import { same, type Bytes } from "./bytes";

export function leafHash(entry: Uint8Array): Bytes {
  return sha256.create().update(Uint8Array.of(0)).update(entry).digest() as Bytes;
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256.create().update(Uint8Array.of(1)).update(left).update(right).digest() as Bytes;
}

// RFC 9162 section 2.1.3.2. Counted without bit operations, which know 32 bits only.
export function included(index: number, size: number, leaf: Uint8Array, proof: Uint8Array[], root: Uint8Array): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let r: Uint8Array = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      r = nodeHash(r, p);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(r, root);
}
