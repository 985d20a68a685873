import { test } from "node:test";
import assert from "node:assert/strict";
import { Capture } from "@/media/capture";
import { DeviceTrouble, type Trouble } from "@/media/devices";

class Track extends EventTarget {
  muted = false;
  readyState = "live";
  constructor(readonly label: string) {
    super();
  }
  getSettings() {
    return { deviceId: this.label };
  }
  stop() {
    this.readyState = "ended"; // as in browsers, without an event
  }
  become(what: "mute" | "unmute" | "ended") {
    if (what === "ended") this.readyState = "ended";
    else this.muted = what === "mute";
    this.dispatchEvent(new Event(what));
  }
}

function scene() {
  const at = { seen: true, plugged: ["headset", "built-in"], trouble: null as Trouble | null, opened: [] as Track[], opening: () => {} };
  const log: string[] = [];
  const capture = new Capture({
    open: async () => {
      at.opening();
      if (at.trouble) throw new DeviceTrouble(at.trouble);
      const track = new Track(at.plugged[0] ?? "none");
      at.opened.push(track);
      return track as unknown as MediaStreamTrack;
    },
    present: async (id) => at.plugged.includes(id),
    seen: () => at.seen,
  }, {
    track: (track) => log.push(track ? `send ${track.label}` : "send nothing"),
    taken: () => log.push("taken"), unplugged: (instead) => log.push(`now ${instead}`),
    back: () => log.push("back"), lost: (why) => log.push(`lost: ${why}`),
  }, 5, [5, 5]);
  const now = (): Track => at.opened[at.opened.length - 1]!;
  const since = (): string[] => log.splice(0);
  return { capture, at, now, since };
}

// Until the log holds so many lines, or for a while when nothing is expected.
const wait = (ms = 30): Promise<void> => new Promise((done) => setTimeout(done, ms));

test("a call takes the microphone and gives it back: said once each, and nothing is opened anew", async () => {
  const { capture, at, now, since } = scene();
  await capture.start();
  now().become("mute");
  await wait();
  now().become("unmute");
  assert.deepEqual(since(), ["send headset", "taken", "back"]);
  assert.equal(at.opened.length, 1);
  capture.stop();
});

test("what is interrupted for a moment only is not worth a word", async () => {
  const { capture, now, since } = scene();
  await capture.start();
  now().become("mute");
  now().become("unmute");
  await wait();
  assert.deepEqual(since(), ["send headset"]);
  capture.stop();
});

test("a track that another app ended is taken again by itself", async () => {
  const { capture, now, since } = scene();
  await capture.start();
  now().become("ended");
  await wait();
  assert.deepEqual(since(), ["send headset", "send nothing", "send headset", "back"]);
  capture.stop();
});

test("a pulled plug falls over to another device, and that is said with its name", async () => {
  const { capture, at, now, since } = scene();
  await capture.start();
  at.plugged.shift();
  now().become("ended");
  await wait();
  assert.deepEqual(since(), ["send headset", "send nothing", "send built-in", "now built-in"]);
  capture.stop();
});

test("a browser that says only that devices changed gets the same", async () => {
  const { capture, at, since } = scene();
  await capture.start();
  await capture.changed();
  assert.deepEqual(since(), ["send headset"]);
  at.plugged.shift();
  await capture.changed();
  assert.deepEqual(since(), ["send built-in", "now built-in"]);
  assert.equal(at.opened[0]!.readyState, "ended");
  capture.stop();
});

test("what cannot be had is tried some times, said once, and comes with the next device that is plugged in", async () => {
  const { capture, at, now, since } = scene();
  await capture.start();
  at.trouble = "missing";
  now().become("ended");
  await wait(60);
  assert.deepEqual(since(), ["send headset", "send nothing", "lost: missing"]);
  at.trouble = null;
  await capture.changed();
  assert.deepEqual(since(), ["send headset", "now headset"]);
  capture.stop();
});

test("behind another app nothing is asked for; in front again it is", async () => {
  const { capture, at, now, since } = scene();
  await capture.start();
  at.seen = false;
  now().become("ended");
  await wait();
  assert.deepEqual(since(), ["send headset", "send nothing"]);
  at.seen = true;
  await capture.shown();
  assert.deepEqual(since(), ["send headset", "back"]);
  capture.stop();
});

test("a call that is over but keeps the microphone is answered by taking it again", async () => {
  const { capture, at, now, since } = scene();
  await capture.start();
  at.seen = false;
  now().become("mute");
  await wait();
  at.seen = true;
  await capture.shown();
  await wait();
  assert.deepEqual(since(), ["send headset", "taken", "send headset", "back"]);
  assert.equal(at.opened.length, 2);
  capture.stop();
});

test("what the person closed stays closed", async () => {
  const { capture, at, since } = scene();
  await capture.start();
  capture.stop();
  await capture.shown();
  await capture.changed();
  assert.deepEqual(since(), ["send headset", "send nothing"]);
  assert.equal(at.opened[0]!.readyState, "ended");
  assert.equal(await capture.start(), null);
  capture.stop();
});

test("what is closed while it is being opened is not left on", async () => {
  const { capture, at, now } = scene();
  await capture.start();
  now().become("ended");
  capture.stop();
  await wait();
  assert.deepEqual(at.opened.map((track) => track.readyState), at.opened.map(() => "ended"));
});

test("another device takes the place of the first with nothing in between, and the first has ended before it is opened", async () => {
  const { capture, at, since } = scene();
  await capture.start();
  at.plugged.reverse();
  let ended = "";
  at.opening = () => void (ended = at.opened[0]!.readyState);
  assert.equal(await capture.change(() => assert.ok(false)), null);
  assert.equal(ended, "ended");
  assert.deepEqual(since(), ["send headset", "send built-in"]);
  capture.stop();
});

test("where the other device is not to be had the first goes on", async () => {
  const { capture, at, since } = scene();
  await capture.start();
  at.trouble = "busy";
  assert.equal(await capture.change(() => void (at.trouble = null)), "busy");
  assert.deepEqual(since(), ["send headset", "send headset"]);
  capture.stop();
});

test("and where that is gone meanwhile it is said once", async () => {
  const { capture, at, since } = scene();
  await capture.start();
  at.trouble = "busy";
  assert.equal(await capture.change(() => undefined), "busy");
  assert.deepEqual(since(), ["send headset", "send nothing", "lost: busy"]);
  capture.stop();
});

test("whoever switches off while a device is being opened again stays off", async () => {
  for (const begin of ["ended", "change"]) {
    const { capture, at, now, since } = scene();
    await capture.start();
    at.opening = () => capture.stop();
    if (begin === "ended") now().become("ended");
    else await capture.change(() => undefined);
    await wait();
    assert.equal(capture.track, null);
    assert.equal(now().readyState, "ended");
    assert.ok(!since().slice(1).includes("send headset"));
  }
});

test("what is off is not opened by choosing another", async () => {
  const { capture, at } = scene();
  assert.equal(await capture.change(() => undefined), null);
  assert.equal(at.opened.length, 0);
});
