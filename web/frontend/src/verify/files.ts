// What packages hold since their second form: texts that were signed, handwriting, files of the complaint
// (recordings/evidence/lines.py), by where each lies.
import type { Event } from "./journal";
import type { Named } from "./media";

export function later(session: Event[], complaint: Event[]): Map<string, Named> {
  return new Map([...signed(session), ...attached(complaint)]);
}

// Of documents under seal: the text, and the strokes of whose signatures were in force.
function signed(session: Event[]): Map<string, Named> {
  const found = new Map<string, Named>();
  const hands = new Map<unknown, Event["data"]>();
  for (const { data, salt, type } of session) {
    if (!salt) continue;
    if (type === "Signed") hands.set(data.seat, data);
    else if (type === "SigningVoided") hands.clear();
    else if (type === "SignatureWithdrawn") {
      for (const seat of [data.seat, ...(Array.isArray(data.voids) ? data.voids : [])]) hands.delete(seat);
    } else if (type === "DocumentSealed" && data.text) {
      found.set(`signed/${String(data.document)}.json`, { sha256: data.text, size: 0 });
      for (const hand of hands.values()) {
        if (hand.text === data.text && hand.picture) found.set(`handwriting/${String(hand.picture)}.json`, { sha256: hand.sha256, size: 0 });
      }
    }
  }
  return found;
}

// What was attached and not removed: as it was sent, where that was kept.
function attached(complaint: Event[]): Map<string, Named> {
  const found = new Map<unknown, [string, Named]>();
  for (const { data, salt, type } of complaint) {
    if (!salt) continue;
    if (type === "AttachmentRemoved") found.delete(data.attachment);
    else if (type === "AttachmentAdded") {
      const named = data.original ? { sha256: data.original_sha256, size: data.original_size ?? 0 } : { sha256: data.sha256, size: data.size };
      found.set(data.attachment, [`attachments/${String(data.attachment)}.${String(data.kind)}`, named]);
    }
  }
  return new Map(found.values());
}
