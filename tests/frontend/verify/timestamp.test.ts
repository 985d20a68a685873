import { test } from "node:test";
import assert from "node:assert/strict";
import { same, unbase64, unhex, utf8, type Bytes } from "@/verify/formats/bytes";
import { sha256Hex } from "@/verify/formats/digest";
import { stamp } from "@/verify/formats/timestamp";

// Of `openssl ts -reply`, over "a checkpoint" with a line end.
const ANSWER = unbase64(
  "MIIB5jADAgEAMIIB3QYJKoZIhvcNAQcCoIIBzjCCAcoCAQMxDzANBglghkgBZQMEAgEFADByBgsqhkiG9w0BCRABBKBjBGEwXwIBAQYEKgMEAT" +
  "AxMA0GCWCGSAFlAwQCAQUABCCvPyEYFiLQXrY3Xrsw5iu+mPhUHHeK4uzt0K8zPEOlBAIBAhgPMjAyNjExMjUxMDI2NDFaMAMCAQECCChzF34x" +
  "YZXBMYIBPjCCAToCAQEwKzATMREwDwYDVQQDDAhUZXN0IFRTQQIUYl1PuAJrgqf6XBv6fVPlzQv16PYwDQYJYIZIAWUDBAIBBQCggaQwGgYJKo" +
  "ZIhvcNAQkDMQ0GCyqGSIb3DQEJEAEEMBwGCSqGSIb3DQEJBTEPFw0yNjExMjUxMDI2NDFaMC8GCSqGSIb3DQEJBDEiBCDtqF42yDYwHxJUDpte" +
  "mklaGqxg2LJZrwV39nXEtzGEOjA3BgsqhkiG9w0BCRACLzEoMCYwJDAiBCD0cUgWH/hQPx+EBYEwwWZM7pYUK9xFAEdFSouLKyS0pzAKBggqhk" +
  "jOPQQDAgRGMEQCIEygauRW/8BeiXPxk+6XI2uMOiV9cs32KayDy0ILyTspAiBKHIGQyug3jLm7s+OjcZ1Z4QTodM0f9mDEGdySKBgbnQ==",
)!;
const IMPRINT = unhex(sha256Hex(utf8("a checkpoint\n")))!;

const covers = (bytes: Bytes): boolean => {
  const found = stamp(bytes);
  return found !== null && same(found.imprint, IMPRINT);
};

test("an answer says when, and over what", () => {
  assert.equal(stamp(ANSWER)?.time, "2026-11-25T10:26:41Z");
  assert.ok(covers(ANSWER));
});

test("the token alone says the same as the whole answer", () => {
  assert.ok(covers(ANSWER.slice(9))); // behind the answer's header and status
});

test("a refusal is no stamp, nor is one over another kind of hash", () => {
  const refused = ANSWER.slice();
  refused[8] = 2;
  assert.equal(stamp(refused), null);
  const other = ANSWER.slice();
  other[96]! ^= 3; // the last number of the hash's name
  assert.equal(stamp(other), null);
});

test("whatever is cut off or flipped, nothing is thrown and no other hash is taken for this one", () => {
  for (let at = 0; at < ANSWER.length; at++) {
    assert.equal(stamp(ANSWER.slice(0, at)), null);
    for (let bit = 0; bit < 8; bit++) {
      const bent = ANSWER.slice();
      bent[at]! ^= 1 << bit;
      const found = stamp(bent);
      if (found && !same(found.imprint, IMPRINT)) assert.ok(at >= 101 && at < 133, `byte ${at}`);
    }
  }
});
