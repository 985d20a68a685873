import { test } from "node:test";
import assert from "node:assert/strict";
import { hex, lines, text, unbase64, unhex, utf8, type Bytes } from "@/verify/formats/bytes";
import { compare, parsed, write } from "@/verify/formats/canonical";
import { filled } from "@/verify/consents";
import { Crc } from "@/verify/formats/crc";
import { anchor, expected, fingerprint, fits, published } from "@/verify/formats/key";
import { included, leafHash, nodeHash } from "@/verify/formats/merkle";
import { checkpoint, note, signedBy } from "@/verify/formats/note";
import { byBrowser, byLibrary } from "@/verify/formats/signature";

// ---------------------------------------------------------------- canonical JSON

test("what Python writes canonically is read, with each member's own text", () => {
  // json.dumps({...}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
  const python = '{"a":[],"b":{"n":-12,"t":true,"z":null},"c":"张\\"\\\\\\n\\t\\u0001\u007f/😀"}';
  const read = parsed(python);
  assert.deepEqual(read?.raw.b, '{"n":-12,"t":true,"z":null}');
  assert.equal(write(read!.value), python);
});

test("anything else that means the same is refused", () => {
  const others = [
    '{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":2}', '{"a":1.0}', '{"a":1e2}', '{"a":-0}', '{"a":01}', '{"a":"\\u00e9"}', '{"a":"\\/"}',
    '{"a":"\\u0009"}', '{"a":"\\u001F"}', '{"a":1}\n', ' {"a":1}', '{"a":1,}', "[1,]", "[,1]", "NaN", "", '{"a"}', '{"a":9007199254740992}', '{"a":"\u0001"}',
  ];
  for (const other of others) assert.equal(parsed(other), null, other);
});

test("members are sorted by code point, as Python sorts, not by half of a surrogate pair", () => {
  assert.ok(compare("\uffff", "😀") < 0);
  assert.ok(parsed('{"\uffff":1,"😀":2}') !== null);
  assert.equal(parsed('{"😀":2,"\uffff":1}'), null);
});

test("a member may be called what objects inherit, and nothing is that deep", () => {
  assert.deepEqual(parsed('{"__proto__":1}')?.raw.__proto__, "1");
  assert.equal(parsed("[".repeat(1000) + "]".repeat(1000)), null);
});

// ---------------------------------------------------------------- bytes

test("texts of bytes have one spelling each", () => {
  assert.equal(unbase64("AB=="), null); // spare bits that are not zero
  assert.equal(unbase64("AAA"), null);
  assert.deepEqual([...unbase64("AA==")!], [0]);
  assert.equal(unhex("AB"), null);
  assert.equal(text(Uint8Array.of(0xc0, 0x80)), null);
  assert.equal(text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
  assert.equal(lines("a\nb"), null);
  assert.deepEqual(lines("a\nb\n"), ["a", "b"]);
});

test("the check sum is ZIP's, whatever the pieces", () => {
  const crc = new Crc();
  for (const piece of ["1", "23456", "", "789"]) crc.update(utf8(piece));
  assert.equal(crc.value, 0xcbf43926);
});

// ---------------------------------------------------------------- the tree

// The leaves and roots that the first Certificate Transparency implementations were tested with.
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map((one) => unhex(one)!);
const ROOTS: Record<number, string> = {
  1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

// RFC 9162 sections 2.1.1 and 2.1.3.1, as written there.
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
function root(of: Bytes[]): Bytes {
  if (of.length === 1) return leafHash(of[0]!);
  const k = split(of.length);
  return nodeHash(root(of.slice(0, k)), root(of.slice(k)));
}
function path(m: number, of: Bytes[]): Bytes[] {
  if (of.length === 1) return [];
  const k = split(of.length);
  return m < k ? [...path(m, of.slice(0, k)), root(of.slice(k))] : [...path(m - k, of.slice(k)), root(of.slice(0, k))];
}

test("every leaf of every small tree is proven, and no proof proves another leaf, place or size", () => {
  for (const [size, wanted] of Object.entries(ROOTS)) assert.equal(hex(root(LEAVES.slice(0, Number(size)))), wanted);
  for (let size = 1; size <= LEAVES.length; size++) {
    const of = LEAVES.slice(0, size);
    const top = root(of);
    for (let m = 0; m < size; m++) {
      const proof = path(m, of);
      const leaf = leafHash(of[m]!);
      assert.ok(included(m, size, leaf, proof, top), `${m} of ${size}`);
      assert.ok(!included(m, size, leafHash(utf8("x")), proof, top));
      assert.ok(!included(m, size, leaf, [...proof, top], top));
      if (proof.length) assert.ok(!included(m, size, leaf, proof.slice(1), top));
      for (let other = 0; other <= size; other++) if (other !== m) assert.ok(!included(other, size, leaf, proof, top));
    }
  }
});

// ---------------------------------------------------------------- signatures and notes

// RFC 8032 section 7.1, test 3.
const KEY = unhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")!;
const SIGNATURE = unhex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")!;

test("browser and library agree on what is signed and what is not", async () => {
  const message = unhex("af82")!;
  const cases: [Bytes, Bytes, Bytes, boolean][] = [
    [SIGNATURE, message, KEY, true], [SIGNATURE, unhex("af83")!, KEY, false], [SIGNATURE.slice(1), message, KEY, false],
    [plusOrder(SIGNATURE), message, KEY, false], // the other number of the same remainder
    [SIGNATURE, message, new Uint8Array(32), false],
  ];
  for (const [signature, of, key, wanted] of cases) {
    assert.equal(byLibrary(signature, of, key), wanted);
    assert.equal(await byBrowser(signature, of, key), wanted);
  }
});

function plusOrder(signature: Bytes): Bytes {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  let s = order;
  for (let i = 0; i < 32; i++) s += BigInt(signature[32 + i]!) << BigInt(8 * i);
  const out = signature.slice();
  for (let i = 0; i < 32; i++) out[32 + i] = Number((s >> BigInt(8 * i)) & 255n);
  return out;
}

// The example of the note format's own documentation.
const NOTE = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
  + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const NEUMANN = expected("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")!;

test("a note made by another implementation is verified, and only as it is", async () => {
  assert.ok(await signedBy(note(NOTE)!, "PeterNeumann", NEUMANN));
  assert.ok(!(await signedBy(note(NOTE)!, "peterneumann", NEUMANN)));
  assert.ok(!(await signedBy(note(NOTE)!, "PeterNeumann", KEY)));
  assert.ok(!(await signedBy(note(NOTE.replace("answer", "question"))!, "PeterNeumann", NEUMANN)));
  assert.equal(note(NOTE.slice(0, -1)), null);
  assert.equal(note(NOTE.replace("\n\n", "\n")), null);
  assert.equal(note(`${NOTE}— nothing\n`), null);
});

test("a checkpoint is these four lines and no others", () => {
  const good = `yuntiao/a\n12\n${"A".repeat(43)}=\ntime 2026-11-25T09:41:07.123456Z\n`;
  assert.equal(checkpoint(good)?.size, 12);
  for (const bad of [good.replace("12", "012"), good.replace("12", "-1"), `${good}more\n`, good.replace("time ", ""), good.replace("AAAA", ""), good.replace("-25T", "-45T")]) {
    assert.equal(checkpoint(bad), null, bad);
  }
});

test("a key is found in every form it is handed about in, and not where there are two", () => {
  const plus = `${"+/".repeat(21)}8=`; // signs that other forms use between their parts
  assert.equal(expected(plus)?.length, 32);
  const base64 = "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=";
  const pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n-----END PUBLIC KEY-----\n";
  for (const form of [base64, ` ${base64}\n`, pem, `key: ${base64}`, `yuntiao/a\n${base64}\n`]) {
    assert.equal(expected(form) && hex(expected(form)!), hex(KEY), form);
  }
  assert.equal(expected(`${base64}\n${"A".repeat(43)}=`), null);
  assert.equal(expected("nothing of the kind"), null);
  assert.equal(fingerprint(KEY).length, 79);
  assert.ok(fits(anchor(fingerprint(KEY))!, KEY)); // as the page shows it
  assert.ok(!fits(anchor(fingerprint(NEUMANN))!, KEY));
  assert.ok(fits(anchor(base64)!, KEY));
  assert.equal(published("PeterNeumann", NEUMANN), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
});

// ---------------------------------------------------------------- texts

test("a text that names the years has its singular and its plural", () => {
  const raw = "# Head\n\n1|Kept for 1 year.\nn|Kept for {years} years.\nend\n";
  assert.equal(filled(raw, 1), "# Head\nKept for 1 year.\nend\n");
  assert.equal(filled(raw, 3), "# Head\nKept for 3 years.\nend\n");
});
