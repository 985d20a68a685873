// Sound and picture to and from the room: one connection publishes (we offer), one subscribes (the server
// offers). Owns both RTCPeerConnections and their repair. No DOM, no devices: tracks are given to it.
import { limited } from "./effort";
import { prefer, Robust, room, thin, type Form } from "./robust";
import { encodings, settle, sharpen } from "./sending";
import { reading, summary, type Reading } from "./statistics";
import { Way } from "./way";
import type { Asked, ClientMessages, Measurement, OfferMessage, OfferedTrack, RelayPass, Source } from "../room/wire";

export interface MediaWire {
  readonly connected: boolean;
  doubt?: () => void; // nothing comes through: does the room still answer?
  ask<T = unknown>(name: Asked, body?: ClientMessages[Asked]): Promise<T>;
}

export interface MediaEvents {
  // The tracks that arrive now, the whole picture every time.
  remote: (tracks: RemoteTrack[]) => void;
  flowing: (ok: boolean, why?: string) => void;
  measured: (measurement: Measurement) => void;
  // With every look at the statistics: whether pictures are made smaller because the processor gives no more.
  encoding?: (strained: boolean) => void;
  // Whether there is a relay, and whether sound and picture take it.
  way: (relay: Relay) => void;
}

export type Relay = "none" | "spare" | "used";

export interface RemoteTrack {
  seat: string;
  source: Source;
  track: MediaStreamTrack;
}

const GRACE_MS = 2000; // 'disconnected' often heals by itself
const PATIENCE_MS = 8000; // then both connections are made anew
const BUSY_MS = 1500; // until somebody who was told so asks again
const MEASURE_MS = 4000;

type Outgoing = { transceiver: RTCRtpTransceiver; track: MediaStreamTrack | null };

export class Media {
  private pub: RTCPeerConnection | null = null;
  private sub: RTCPeerConnection | null = null;
  private outgoing = new Map<Source, Outgoing>();
  private tracks = new Map<Source, MediaStreamTrack | null>();
  private offered: OfferedTrack[] = [];
  private chain: Promise<unknown> = Promise.resolve();
  private joined = false;
  private unanswered = false; // an offer is
  private refused = false; // the last try did not get in, so there are no connections to look at
  private declined: ReadonlySet<Source> = new Set();
  private resting = false; // our pictures, so that our sound gets through
  private large = ""; // whom the page shows large
  private grace: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private measuring: ReturnType<typeof setInterval> | undefined;
  private last: Reading | null = null;
  private robust = new Robust();
  private sounds: Form = "plain"; // as the microphone's line was last brought to
  private readonly way = new Way();

  constructor(
    private readonly wire: MediaWire, private readonly on: MediaEvents, private readonly patienceMs = PATIENCE_MS,
  ) {}

  get active(): boolean {
    return this.joined;
  }

  // Join, publish what there is, and keep both connections alive until `leave`.
  async join(): Promise<void> {
    this.joined = true;
    clearInterval(this.measuring);
    this.measuring = setInterval(() => void this.measure(), MEASURE_MS);
    await this.connect();
  }

  leave(): void {
    this.joined = false;
    clearInterval(this.measuring);
    this.drop();
    this.equip(undefined);
    this.on.remote([]);
  }

  // Give or take away what is sent. Known sources are swapped in place, a new one is negotiated.
  async send(source: Source, track: MediaStreamTrack | null): Promise<void> {
    this.tracks.set(source, track);
    const out = this.outgoing.get(source);
    if (out) {
      out.track = track;
      if (track) sharpen(source, track);
      await out.transceiver.sender.replaceTrack(track);
    } else if (track && this.pub && this.joined) {
      await this.inOrder(async () => {
        if (this.pub && this.add(source)) await this.offer();
      });
    }
  }

  // Our network is too weak for pictures: stop sending them, or begin again.
  async rest(resting: boolean): Promise<void> {
    if (resting === this.resting) return;
    this.resting = resting;
    await this.inOrder(() => this.settleAll());
  }

  // Whom the page shows large gets the better picture first; "" is nobody.
  async look(seat: string): Promise<void> {
    if (seat === this.large) return;
    this.large = seat;
    if (this.joined) await this.inOrder(() => this.tell());
  }

  // What is not wanted from anybody (pictures, when only sound is) is declined in the next answers, which the
  // server is asked for at once.
  async decline(sources: ReadonlySet<Source>): Promise<void> {
    if (sources.size === this.declined.size && [...sources].every((source) => this.declined.has(source))) return;
    this.declined = sources;
    if (this.joined && this.sub?.remoteDescription) await this.inOrder(() => this.askAgain()).catch(() => undefined);
  }

  // An offer of what we may receive. Offers are answered strictly in the order they came.
  receive(message: OfferMessage): void {
    const pc = this.sub;
    if (!pc) return;
    void this.inOrder(async () => {
      if (pc !== this.sub) return;
      await pc.setRemoteDescription({ type: "offer", sdp: message.sdp });
      // A line may have changed hands: one that was declined as a camera is wanted as a screen.
      const declined = new Set(message.tracks.filter((t) => this.declined.has(t.source)).map((t) => t.mid));
      for (const transceiver of pc.getTransceivers()) {
        if (transceiver.mid) transceiver.direction = declined.has(transceiver.mid) ? "inactive" : "recvonly";
      }
      await pc.setLocalDescription(await pc.createAnswer());
      this.offered = message.tracks;
      this.publishRemote();
      await this.wire.ask("media_answer", { sdp: pc.localDescription?.sdp ?? "" });
    }).catch(() => this.suspect(true));
  }

  // The device changed its network: new paths for the same connections, no new handshake.
  async restart(): Promise<void> {
    if (!this.joined) return;
    clearTimeout(this.grace);
    this.watch(); // what is left of an older patience must not cut this short
    try {
      await this.inOrder(async () => {
        await this.askAgain(); // first, because our own new paths may need the relay too
        if (this.pub && this.outgoing.size) {
          this.pub.restartIce?.();
          await this.offer({ iceRestart: true });
        }
      });
      this.watch();
    } catch (error) {
      // Without a line to the room all stays as it is: the same paths may heal, and with the line comes a restart.
      if (code(error) === "offline" || code(error) === "timeout") this.watch();
      else await this.rejoin(); // the server knows us no longer: it was restarted, or we were silent for too long
    }
  }

  async rejoin(): Promise<void> {
    if (!this.joined) return;
    await this.connect();
  }

  // The same with the other way, when there are two.
  async tryOtherWay(): Promise<void> {
    this.way.turn();
    await this.rejoin();
  }

  private async connect(): Promise<void> {
    this.drop();
    this.pub = this.connection();
    this.sub = this.connection();
    this.sub.addEventListener("track", () => this.publishRemote());
    this.watch();
    this.refused = false;
    try {
      await this.inOrder(async () => {
        const admission = await this.wire.ask<{ kind: string; relay?: RelayPass }>("media_join");
        if (admission.kind !== "negotiated") throw new Error("external engines are not spoken here");
        this.equip(admission.relay); // before anything is gathered; an offer that was quicker waits in line
        if (!this.pub) return;
        for (const source of this.tracks.keys()) if (this.tracks.get(source)) this.add(source);
        if (this.outgoing.size) await this.offer();
        if (this.large) await this.tell();
      });
    } catch (error) {
      this.refused = true;
      this.on.flowing(false, code(error));
      this.watch(code(error) === "busy" ? BUSY_MS : this.patienceMs); // and tries again then
      throw error;
    }
  }

  // A fresh offer with new paths, and credentials for the relay that have not expired.
  private async askAgain(): Promise<void> {
    this.equip((await this.wire.ask<{ relay?: RelayPass }>("media_restart")).relay);
  }

  private equip(relay: RelayPass | undefined): void {
    const before = this.way.choice;
    this.way.take(relay);
    if (!before && !this.way.choice) return;
    for (const pc of [this.pub, this.sub]) pc?.setConfiguration(this.way.configuration());
    if (before !== this.way.choice) this.on.way(relay ? "spare" : "none");
  }

  private connection(): RTCPeerConnection {
    const pc = new RTCPeerConnection(this.way.configuration());
    pc.addEventListener("connectionstatechange", () => this.observe(pc));
    pc.addEventListener("iceconnectionstatechange", () => this.observe(pc)); // Safari 14 has only this one
    return pc;
  }

  private add(source: Source): boolean {
    const track = this.tracks.get(source);
    if (!this.pub || !track || this.outgoing.has(source)) return false;
    const layers = encodings(source, this.resting);
    sharpen(source, track);
    const transceiver = this.pub.addTransceiver(track, {
      direction: "sendonly",
      streams: [new MediaStream([track])],
      ...(layers ? { sendEncodings: layers } : {}),
    });
    if (source !== "mic") preferVp8(transceiver);
    this.outgoing.set(source, { transceiver, track });
    return true;
  }

  private async offer(options: RTCOfferOptions = {}): Promise<void> {
    const pc = this.pub;
    if (!pc) return;
    await pc.setLocalDescription(await pc.createOffer(options));
    const sources: Record<string, Source> = {};
    for (const [source, { transceiver }] of this.outgoing) if (transceiver.mid) sources[transceiver.mid] = source;
    const answer = await this.wire.ask<{ sdp: string }>("media_publish", {
      sdp: pc.localDescription?.sdp ?? "", sources,
    });
    if (pc === this.pub) await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    await this.settleAll();
  }

  private async settleAll(): Promise<void> {
    for (const [source, { transceiver }] of this.outgoing) await settle(source, transceiver.sender, this.resting);
  }

  private async tell(): Promise<void> {
    await this.wire.ask("media_look", { seat: this.large }).catch(() => undefined); // it is only a wish
  }

  private publishRemote(): void {
    const byMid = new Map<string, RTCRtpTransceiver>();
    for (const transceiver of this.sub?.getTransceivers() ?? []) {
      if (transceiver.mid) byMid.set(transceiver.mid, transceiver);
    }
    const tracks: RemoteTrack[] = [];
    for (const { mid, seat, source, active } of this.offered) {
      const track = byMid.get(mid)?.receiver.track;
      if (active && track && !this.declined.has(source)) tracks.push({ seat, source, track });
    }
    this.on.remote(tracks);
  }

  private states(): string[] {
    const used = [this.outgoing.size ? this.pub : null, this.offered.length ? this.sub : null];
    return used.flatMap((pc) => (pc ? [pc.connectionState ?? pc.iceConnectionState] : []));
  }

  private observe(pc: RTCPeerConnection): void {
    if (pc !== this.pub && pc !== this.sub) return;
    const states = this.states();
    if (states.every((state) => state === "connected" || state === "completed")) {
      if (!this.unanswered) {
        clearTimeout(this.grace);
        this.grace = undefined;
      }
      clearTimeout(this.patience);
      this.on.flowing(true);
    } else if (states.includes("failed")) {
      this.wire.doubt?.();
      this.on.flowing(false);
      void this.restart();
    } else if (states.includes("disconnected")) {
      this.wire.doubt?.();
      this.suspect();
    }
  }

  // `unanswered`: an offer is, so that somebody is not heard although all stands.
  private suspect(unanswered = false): void {
    this.unanswered ||= unanswered;
    if (!this.joined || this.grace) return;
    this.grace = setTimeout(() => {
      this.grace = undefined;
      if (this.healthy() && !this.unanswered) return;
      this.unanswered = false;
      if (!this.healthy()) this.on.flowing(false);
      void this.restart();
    }, GRACE_MS);
  }

  private healthy(): boolean {
    return this.states().every((state) => state === "connected" || state === "completed");
  }

  // After a (re)start both connections must stand within the patience, or everything is made anew, the other way.
  private watch(patience = this.patienceMs): void {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      if (!this.joined || (this.healthy() && !this.refused)) return;
      if (!this.refused) this.on.flowing(false); // also where nothing has ever flowed: a black picture explains nothing
      if (this.wire.connected) void (this.refused ? this.rejoin() : this.tryOtherWay()).catch(() => undefined);
      else this.watch();
    }, patience);
  }

  // Losses and narrow lines: sound is sent so that it gets through.
  private async withstand({ sentLoss, rtt }: Reading, bits: number): Promise<void> {
    const form = this.robust.judge(sentLoss, bits, rtt);
    const mic = this.outgoing.get("mic")?.transceiver;
    if (form === this.sounds || !mic) return;
    const before = this.sounds;
    this.sounds = form;
    await this.inOrder(async () => {
      await thin(mic.sender, form === "thin");
      if ((form === "redundant") !== (before === "redundant") && prefer(mic, form === "redundant")) await this.offer();
    }).catch(() => undefined); // sound goes on as it was
  }

  private async measure(): Promise<void> {
    const reports: Record<string, unknown>[] = [];
    let bits = 0;
    for (const pc of [this.pub, this.sub]) {
      if (!pc || pc.connectionState === "closed") continue;
      const own: Record<string, unknown>[] = [];
      (await pc.getStats()).forEach((report) => own.push(report as Record<string, unknown>));
      if (pc === this.pub) bits = room(own);
      reports.push(...own);
    }
    this.on.encoding?.(limited(reports));
    const now = reading(reports, bits, Date.now());
    if (this.joined && this.healthy()) await this.withstand(now, bits);
    const before = this.last;
    this.last = now;
    if (before && this.joined && this.healthy()) this.on.measured(summary(before, now));
    if (this.joined && this.way.choice) this.on.way(now.relayed ? "used" : "spare");
  }

  private drop(): void {
    clearTimeout(this.grace);
    clearTimeout(this.patience);
    this.grace = undefined;
    for (const pc of [this.pub, this.sub]) pc?.close();
    this.pub = this.sub = null;
    this.outgoing.clear();
    this.offered = [];
    this.last = null;
    this.robust = new Robust();
    this.sounds = "plain";
    this.chain = Promise.resolve();
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.chain.then(work);
    this.chain = done.catch(() => undefined);
    return done;
  }
}

// The room forwards VP8 as it is; a browser that prefers another codec would waste its first negotiation.
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs ?? [];
  const order = [
    ...codecs.filter((c) => c.mimeType.toLowerCase() === "video/vp8"),
    ...codecs.filter((c) => /\/(rtx|red|ulpfec)$/i.test(c.mimeType)),
  ];
  if (order.some((c) => /vp8/i.test(c.mimeType))) transceiver.setCodecPreferences?.(order);
}

function code(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? "";
}
