// What a time-stamp token (RFC 3161) says: over which hash, and when. The authority's signature is not checked here:
// that takes certificates, their revocation and a choice of whom to trust, which `yuntiao verify` and `openssl ts` have.
import * as der from "./der";

const SIGNED_DATA = "1.2.840.113549.1.7.2";
const TST_INFO = "1.2.840.113549.1.9.16.1.4";
const SHA256 = "2.16.840.1.101.3.4.2.1";

export interface Stamp {
  time: string; // ISO 8601, UTC
  imprint: Uint8Array;
}

// A TimeStampResp or the token alone. Null: not of the form, refused by the authority, or over another kind of hash.
export function stamp(bytes: Uint8Array): Stamp | null {
  try {
    return info(tstInfo(token(bytes)));
  } catch (error) {
    if (error instanceof der.BadDer) return null;
    throw error;
  }
}

function token(bytes: Uint8Array): Uint8Array {
  const outer = der.expect(bytes, der.SEQUENCE);
  if (outer.rest.length) throw new der.BadDer("more than one value");
  const first = der.read(outer.content);
  if (first.tag !== der.SEQUENCE) return bytes; // begins with an OID: a ContentInfo already
  const status = der.expect(first.content, der.INTEGER).content;
  if (status.length !== 1 || status[0]! > 1) throw new der.BadDer("not granted"); // 0 granted, 1 granted with changes
  return first.rest;
}

function tstInfo(contentInfo: Uint8Array): Uint8Array {
  const kind = der.expect(der.expect(contentInfo, der.SEQUENCE).content, der.OID);
  if (der.oid(kind.content) !== SIGNED_DATA) throw new der.BadDer("no signed data");
  const signedData = der.expect(der.expect(kind.rest, der.EXPLICIT_0).content, der.SEQUENCE).content;
  const version = der.expect(signedData, der.INTEGER);
  const algorithms = der.read(version.rest);
  const inner = der.expect(der.expect(algorithms.rest, der.SEQUENCE).content, der.OID);
  if (der.oid(inner.content) !== TST_INFO) throw new der.BadDer("signed data, but no time stamp");
  return der.expect(der.expect(inner.rest, der.EXPLICIT_0).content, der.OCTETS).content;
}

function info(bytes: Uint8Array): Stamp {
  const version = der.expect(der.expect(bytes, der.SEQUENCE).content, der.INTEGER);
  const policy = der.expect(version.rest, der.OID);
  const imprint = der.expect(policy.rest, der.SEQUENCE);
  const algorithm = der.expect(imprint.content, der.SEQUENCE);
  if (der.oid(der.expect(algorithm.content, der.OID).content) !== SHA256) throw new der.BadDer("another hash");
  const hashed = der.expect(algorithm.rest, der.OCTETS);
  if (hashed.content.length !== 32 || hashed.rest.length) throw new der.BadDer("a hash of another length");
  const serial = der.expect(imprint.rest, der.INTEGER);
  const written = String.fromCharCode(...der.expect(serial.rest, der.TIME).content);
  const t = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/.exec(written);
  if (!t) throw new der.BadDer("no time");
  return { time: `${t[1]}-${t[2]}-${t[3]}T${t[4]}:${t[5]}:${t[6]}${t[7] ?? ""}Z`, imprint: hashed.content };
}
