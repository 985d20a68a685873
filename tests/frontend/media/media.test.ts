import { test } from "node:test";
import assert from "node:assert/strict";
import { Media, type RemoteTrack } from "@/media/media";
import { relayed } from "@/media/way";
import { Refusal, type OfferMessage } from "@/room/wire";

// Connections as far as Media uses them; what happens to them is written down in `log`.
class Connection extends EventTarget {
  connectionState = "new";
  iceConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;
  transceivers: { mid: string | null; sender: unknown; receiver: { track: object }; direction: string }[] = [];
  configurations: Record<string, unknown>[];
  static made: Connection[] = [];
  static log: string[] = [];
  static stats: Record<string, unknown>[] = [];

  constructor(configuration: Record<string, unknown>) {
    super();
    this.configurations = [configuration];
    Connection.made.push(this);
  }
  addTransceiver(track: { kind: string }, options: { sendEncodings?: { rid?: string }[] }) {
    const layers = (options.sendEncodings ?? []).map((e) => e.rid ?? "").join("");
    Connection.log.push(`send ${track.kind}${layers ? ` ${layers}` : ""}`);
    const made = {
      mid: String(this.transceivers.length), direction: "sendonly", receiver: { track: {} },
      sender: { replaceTrack: async (next: object | null) => void Connection.log.push(`replace ${next ? "track" : "nothing"}`) },
    };
    this.transceivers.push(made);
    return made;
  }
  getTransceivers() {
    return this.transceivers;
  }
  async createOffer(options: { iceRestart?: boolean } = {}) {
    return { type: "offer", sdp: options.iceRestart ? "restarted" : "offer" };
  }
  async createAnswer() {
    return { type: "answer", sdp: `answer to ${this.remoteDescription?.sdp}` };
  }
  async setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
  }
  async setRemoteDescription(description: { sdp: string }) {
    await new Promise((done) => setTimeout(done, description.sdp === "slow" ? 20 : 0));
    this.remoteDescription = description;
  }
  setConfiguration(configuration: Record<string, unknown>) {
    this.configurations.push(configuration);
  }
  async getStats() {
    return new Map(Connection.stats.map((report) => [report.id, report]));
  }
  restartIce() {
    Connection.log.push("restart ice");
  }
  close() {
    Connection.log.push("close");
    this.connectionState = "closed";
  }
  become(state: string) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

Object.assign(globalThis, {
  RTCPeerConnection: Connection, MediaStream: class {}, RTCRtpSender: {},
});

function scene(refuse: Record<string, string> = {}, relay?: () => object, patience?: number) {
  Connection.made = [];
  Connection.log = [];
  Connection.stats = [];
  const asked: [string, Record<string, unknown>][] = [];
  let remote: RemoteTrack[] = [];
  const flowing: boolean[] = [];
  const reasons: string[] = [];
  const ways: string[] = [];
  const line = { connected: true, doubts: 0 };
  const media = new Media({
    get connected() { return line.connected; },
    doubt: () => void line.doubts++,
    ask: async <T>(name: string, body: Record<string, unknown> = {}): Promise<T> => {
      asked.push([name, body]);
      const code = refuse[name];
      if (code) throw new Refusal(code);
      const given = (): object => (relay ? { relay: relay() } : {});
      return (name === "media_join" ? { kind: "negotiated", ...given() } : name === "media_publish" ? { sdp: "ok" }
        : name === "media_restart" ? given() : {}) as T;
    },
  }, { remote: (tracks) => { remote = tracks; }, flowing: (ok, why) => { flowing.push(ok); if (why) reasons.push(why); }, measured: () => undefined, way: (now) => ways.push(now) }, patience);
  const names = (): string[] => asked.map(([name]) => name);
  const remade = async (count: number): Promise<void> => {
    for (let i = 0; i < 500 && Connection.made.length < count; i++) await turn(2);
  };
  return { media, line, asked, names, refuse, flowing, reasons, ways, remade, remote: () => remote };
}
const track = (kind: string): MediaStreamTrack => ({ kind }) as unknown as MediaStreamTrack;
const turn = (ms = 0): Promise<void> => new Promise((done) => setTimeout(done, ms));
const offer = (sdp: string, ...tracks: OfferMessage["tracks"]): OfferMessage => ({ sdp, tracks });

test("the camera goes out in two layers, the microphone plainly, and each is named", async () => {
  const { media, asked } = scene();
  await media.send("mic", track("audio"));
  await media.send("camera", track("video"));
  await media.join();
  assert.deepEqual(Connection.log, ["send audio", "send video hl"]);
  assert.deepEqual(asked[1], ["media_publish", { sdp: "offer", sources: { 0: "mic", 1: "camera" } }]);
  media.leave();
});

test("who sends nothing publishes nothing but may receive", async () => {
  const { media, names } = scene();
  await media.join();
  assert.deepEqual(names(), ["media_join"]);
  media.receive(offer("first"));
  await turn(5);
  assert.deepEqual(names(), ["media_join", "media_answer"]);
  media.leave();
});

test("offers are answered in the order they came, however long each takes", async () => {
  const { media, asked } = scene();
  await media.join();
  media.receive(offer("slow"));
  media.receive(offer("quick"));
  await turn(60);
  assert.deepEqual(asked.slice(1).map(([, body]) => body.sdp), ["answer to slow", "answer to quick"]);
  media.leave();
});

test("only what the last offer calls active is there to be seen", async () => {
  const { media, remote } = scene();
  await media.join();
  const sub = Connection.made[1]!;
  sub.addTransceiver({ kind: "video" }, {});
  sub.addTransceiver({ kind: "audio" }, {});
  media.receive(offer("a", { mid: "0", seat: "b", source: "camera", active: true }, { mid: "1", seat: "b", source: "mic", active: true }));
  await turn(5);
  assert.deepEqual(remote().map((r) => r.source), ["camera", "mic"]);
  media.receive(offer("b", { mid: "0", seat: "b", source: "camera", active: false }, { mid: "1", seat: "b", source: "mic", active: true }));
  await turn(5);
  assert.deepEqual(remote().map((r) => r.source), ["mic"]);
  media.leave();
  assert.deepEqual(remote(), []);
});

test("sound only declines pictures and asks for a fresh offer", async () => {
  const { media, names, remote } = scene();
  await media.join();
  const sub = Connection.made[1]!;
  sub.addTransceiver({ kind: "video" }, {});
  const pictures = offer("a", { mid: "0", seat: "b", source: "camera", active: true });
  media.receive(pictures);
  await turn(5);
  await media.decline(new Set(["camera", "screen"]));
  assert.equal(names().includes("media_restart"), true);
  media.receive(pictures);
  await turn(5);
  assert.equal(sub.transceivers[0]?.direction, "inactive");
  assert.deepEqual(remote(), []);
  await media.decline(new Set(["camera"]));
  media.receive(offer("b", { mid: "0", seat: "b", source: "screen", active: true }));
  await turn(5);
  assert.equal(sub.transceivers[0]?.direction, "recvonly"); // the line has changed hands
  assert.deepEqual(remote().map((r) => r.source), ["screen"]);
  media.leave();
});

test("whom the page shows large is told once media is joined, again after a new join, and when it changes", async () => {
  const { media, asked } = scene();
  const looks = (): unknown[] => asked.filter(([name]) => name === "media_look").map(([, body]) => body.seat);
  await media.look("mediator");
  assert.deepEqual(looks(), []);
  await media.join();
  await media.look("mediator");
  await media.look("business");
  await media.rejoin();
  assert.deepEqual(looks(), ["mediator", "business", "business"]);
  media.leave();
});

test("turning the camera off swaps the track in place and negotiates nothing", async () => {
  const { media, names } = scene();
  await media.send("camera", track("video"));
  await media.join();
  await media.send("camera", null);
  await media.send("camera", track("video"));
  assert.deepEqual(Connection.log.slice(-2), ["replace nothing", "replace track"]);
  assert.deepEqual(names(), ["media_join", "media_publish"]);
  media.leave();
});

test("a failed connection is restarted on both sides without a new join", async () => {
  const { media, asked, names, flowing } = scene();
  await media.send("mic", track("audio"));
  await media.join();
  Connection.made[0]!.become("connected");
  Connection.made[0]!.become("failed");
  await turn(5);
  assert.deepEqual(names(), ["media_join", "media_publish", "media_restart", "media_publish"]);
  assert.equal(asked[3]?.[1].sdp, "restarted");
  assert.deepEqual(flowing, [true, false]);
  media.leave();
});

test("a full server is named as the reason and asked again by itself", async () => {
  const { media, names, refuse, reasons, remade } = scene({ media_join: "worker_full" }, undefined, 10);
  await media.send("mic", track("audio"));
  await assert.rejects(media.join(), (error) => error.code === "worker_full");
  assert.deepEqual(reasons, ["worker_full"]);
  delete refuse.media_join;
  await remade(4);
  await turn(5);
  assert.deepEqual(names().slice(0, 3), ["media_join", "media_join", "media_publish"]);
  media.leave();
});

test("a server that knows us no longer is joined anew", async () => {
  const { media, names, refuse } = scene();
  await media.send("mic", track("audio"));
  await media.join();
  refuse.media_restart = "not_admitted";
  await media.restart();
  assert.deepEqual(names().slice(-2), ["media_join", "media_publish"]);
  assert.equal(Connection.made.length, 4);
  media.leave();
});

let passes = 0;
const pass = () => ({ urls: ["turn:relay.example"], username: `user ${++passes}`, credential: "secret", ttl: 3600 });
const latest = (pc: Connection): Record<string, unknown> => pc.configurations[pc.configurations.length - 1] ?? {};
const user = (pc: Connection): unknown => (latest(pc).iceServers as { username: string }[] | undefined)?.[0]?.username;
const policy = (pc: Connection): unknown => latest(pc).iceTransportPolicy;

test("without a relay nothing is configured and nobody is offered another way", async () => {
  const { media, ways } = scene();
  await media.send("mic", track("audio"));
  await media.join();
  await media.restart();
  assert.deepEqual(Connection.made.map((pc) => pc.configurations.length), [1, 1]);
  assert.equal(user(Connection.made[0]!), undefined);
  media.leave();
  assert.deepEqual(ways, []);
});

test("both connections know the relay before anything is gathered, also when an offer was quicker than the join", async () => {
  const { media, asked, ways } = scene({}, pass);
  await media.send("mic", track("audio"));
  const joining = media.join();
  media.receive(offer("early"));
  await joining;
  await turn(5);
  assert.deepEqual(asked.map(([name]) => name), ["media_join", "media_publish", "media_answer"]);
  assert.deepEqual(Connection.made.map(user), [`user ${passes}`, `user ${passes}`]);
  assert.deepEqual(Connection.made.map(policy), ["all", "all"]);
  assert.deepEqual(ways, ["spare"]);
  media.leave();
  assert.deepEqual(ways, ["spare", "none"]);
});

test("a restart and a fresh join bring fresh credentials", async () => {
  const { media } = scene({}, pass);
  await media.send("mic", track("audio"));
  await media.join();
  const first = user(Connection.made[0]!);
  await media.restart();
  assert.deepEqual(Connection.made.map(user), [`user ${passes}`, `user ${passes}`]);
  assert.ok(user(Connection.made[0]!) !== first);
  await media.rejoin();
  assert.deepEqual(Connection.made.slice(2).map(user), [`user ${passes}`, `user ${passes}`]);
  media.leave();
});

test("the other way is the relay alone, and the one after it everything again", async () => {
  const { media } = scene({}, pass);
  await media.join();
  await media.tryOtherWay();
  assert.deepEqual(Connection.made.slice(2).map(policy), ["relay", "relay"]);
  await media.rejoin(); // for another reason: the way stays
  assert.deepEqual(Connection.made.slice(4).map(policy), ["relay", "relay"]);
  await media.tryOtherWay();
  assert.deepEqual(Connection.made.slice(6).map(policy), ["all", "all"]);
  media.leave();
});

test("what does not connect in time is tried the other way by itself", async () => {
  const { media, remade, flowing } = scene({}, pass, 30);
  await media.send("mic", track("audio"));
  await media.join();
  await remade(4);
  assert.deepEqual(flowing, [false]);
  assert.deepEqual(Connection.made.slice(2).map(policy), ["relay", "relay"]);
  await turn();
  Connection.made[2]!.become("connected");
  await turn(60);
  assert.equal(Connection.made.length, 4);
  assert.deepEqual(flowing, [false, true]);
  media.leave();
});

test("without a line to the room nothing is torn down, however long it takes, and with it comes a restart", async () => {
  const { media, line, names, refuse, remade } = scene({}, undefined, 100);
  await media.send("mic", track("audio"));
  await media.join();
  Connection.made[0]!.become("connected");
  line.connected = false;
  refuse.media_restart = "offline";
  Connection.made[0]!.become("failed");
  await turn(250);
  assert.equal(Connection.made.length, 2);
  line.connected = true;
  delete refuse.media_restart;
  await media.restart();
  assert.deepEqual(names().slice(-2), ["media_restart", "media_publish"]);
  await remade(4); // but with a line, what does not come back in time is made anew
  media.leave();
});

test("statistics tell whether packets take the relay", () => {
  const pair = { type: "candidate-pair", id: "p", localCandidateId: "c" };
  const candidate = (candidateType: string) => ({ type: "local-candidate", id: "c", candidateType });
  const chosen = { type: "transport", id: "t", selectedCandidatePairId: "p" };
  assert.equal(relayed([pair, candidate("relay"), chosen]), true);
  assert.equal(relayed([pair, candidate("host"), chosen]), false);
  assert.equal(relayed([pair, candidate("relay"), { ...chosen, selectedCandidatePairId: "q" }]), false);
  assert.equal(relayed([{ ...pair, selected: true }, candidate("relay")]), true);
  assert.equal(relayed([]), false);
});

test("when nothing comes through any more the room is asked at once whether it is still there", async () => {
  const { media, line } = scene();
  await media.send("mic", track("audio"));
  await media.join();
  Connection.made[0]!.become("connected");
  assert.equal(line.doubts, 0);
  Connection.made[0]!.become("disconnected");
  assert.equal(line.doubts, 1);
  media.leave();
});

test("an offer whose answer did not arrive is asked for again, also where all stands", async () => {
  const { media, names, refuse } = scene();
  await media.send("mic", track("audio"));
  await media.join();
  for (const connection of Connection.made) connection.become("connected");
  refuse.media_answer = "busy";
  media.receive(offer("first"));
  for (let i = 0; i < 500 && !names().includes("media_restart"); i++) await turn(10);
  assert.ok(names().includes("media_restart"));
  media.leave();
});
