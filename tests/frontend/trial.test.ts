import { test } from "node:test";
import assert from "node:assert/strict";
import { judged, tryWays, type Trial } from "@/media/trial";

// A network: which ways lead through it, and what was asked of it.
let open: string[] = [];
let answers: string[] = [];
let closed = 0;

class Connection extends EventTarget {
  iceConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  constructor(private readonly configuration: { iceTransportPolicy?: string }) {
    super();
  }
  createDataChannel() {}
  async createOffer() {
    return { type: "offer", sdp: "v=0\r\na=mid:data\r\n" };
  }
  async setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
  }
  async setRemoteDescription(description: { sdp: string }) {
    answers.push(description.sdp);
    if (!open.includes(this.configuration.iceTransportPolicy ?? "direct")) return;
    this.iceConnectionState = "connected";
    this.dispatchEvent(new Event("iceconnectionstatechange"));
  }
  close() {
    closed++;
  }
}
Object.assign(globalThis, { RTCPeerConnection: Connection });

const relay = { urls: ["turn:relay.example"], username: "1:a", credential: "b", ttl: 300 };
const trial = (way: Partial<Trial> = {}): Trial =>
  ({ addresses: ["192.0.2.1", "2001:db8::1"], port: 8090, ufrag: "uuuu", password: "p".repeat(32), relay, ...way });

function network(...ways: string[]): void {
  open = ways;
  answers = [];
  closed = 0;
}

test("the direct way is found, whether or not there is a relay", async () => {
  network("direct", "relay");
  assert.equal(await tryWays(trial(), 20, 20), "direct");
  assert.equal(await tryWays(trial({ relay: null }), 20, 20), "direct");
});

test("where only the relay leads through, that is said", async () => {
  network("relay");
  assert.equal(await tryWays(trial(), 20, 20), "relay");
  assert.equal(await tryWays(trial({ relay: null }), 20, 20), "none");
});

test("where nothing leads through, that is said, and nothing is left open", async () => {
  network();
  assert.equal(await tryWays(trial(), 10, 20), "none");
  assert.equal(closed, 2);
});

test("checks go to every address of the server, under the trial's name", async () => {
  network("direct");
  await tryWays(trial({ relay: null }), 20, 20);
  const lines = answers[0]?.split("\r\n") ?? [];
  assert.deepEqual(lines.filter((line) => line.startsWith("a=candidate")), [
    "a=candidate:1 1 udp 2130706431 192.0.2.1 8090 typ host", "a=candidate:2 1 udp 2130706430 2001:db8::1 8090 typ host",
  ]);
  assert.ok(lines.includes("a=ice-lite") && lines.includes("a=ice-ufrag:uuuu") && lines.includes("a=mid:data"));
});

test("the verdict goes by the way, how long it takes and what the phone has", () => {
  assert.equal(judged("direct", 0.03, true, true), "good");
  assert.equal(judged("untried", 0, true, true), "good");
  assert.equal(judged("direct", 0.03, true, false), "sound");
  assert.equal(judged("direct", 0.9, true, true), "sound");
  assert.equal(judged("direct", 0.03, false, true), "call");
  assert.equal(judged("none", 0, true, true), "call");
});
