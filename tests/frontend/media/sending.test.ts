import { test } from "node:test";
import assert from "node:assert/strict";
import { encodings, settle, sharpen } from "@/media/sending";

// A sender that holds its parameters as browsers do: by value.
function sender(layers: RTCRtpEncodingParameters[]) {
  let held: Record<string, unknown> & { encodings: RTCRtpEncodingParameters[] } = { encodings: layers };
  let changes = 0;
  const made = {
    getParameters: () => structuredClone(held),
    setParameters: async (next: typeof held) => { held = next; changes += 1; },
  } as unknown as RTCRtpSender;
  return { made, active: () => held.encodings.map((e) => e.active), held: () => held, changes: () => changes };
}

test("a camera goes out in two layers, a screen in one, sound as the browser likes", () => {
  assert.deepEqual(encodings("camera", false)?.map((e) => [e.rid, e.active]), [["h", true], ["l", true]]);
  assert.equal(encodings("screen", false)?.length, 1);
  assert.equal(encodings("mic", false), undefined);
});

test("pictures that rest begin inactive, and wake without a negotiation", async () => {
  const layers = encodings("camera", true) ?? [];
  assert.deepEqual(layers.map((e) => e.active), [false, false]);
  const camera = sender(layers);
  await settle("camera", camera.made, false);
  assert.deepEqual(camera.active(), [true, true]);
  await settle("camera", camera.made, false);
  assert.equal(camera.changes(), 1);
  await settle("camera", camera.made, true);
  assert.deepEqual(camera.active(), [false, false]);
});

test("a screen stays sharp and lets its frames go", async () => {
  const track = { contentHint: "" } as MediaStreamTrack;
  sharpen("screen", track);
  assert.equal(track.contentHint, "detail");
  const screen = sender(encodings("screen", false) ?? []);
  await settle("screen", screen.made, false);
  assert.equal(screen.held().degradationPreference, "maintain-resolution");
  await settle("screen", screen.made, false);
  assert.equal(screen.changes(), 1);
});

test("a camera keeps the browser's own mind about its frames, and a browser without parameters is left alone", async () => {
  const track = { contentHint: "" } as MediaStreamTrack;
  sharpen("camera", track);
  assert.equal(track.contentHint, "");
  await settle("camera", {} as RTCRtpSender, true);
});
