// The wire to the room: one Socket.IO connection, acknowledged messages, reconnection. No DOM.
import { io, type Socket } from "socket.io-client";
import { Refusal, type Asked, type ClientMessages, type Finding, type Line, type Look, type Measurement, type OfferMessage, type Outage, type PartMessage, type Reply, type ServerMessages, type ViewMessage } from "./wire";

type Told = { [Name in keyof ServerMessages]: (message: ServerMessages[Name]) => void };
type Wire = Socket<Told, Record<string, (...said: any[]) => void>>;

const ANSWER_WITHIN_MS = 8000;
// Between two tries: a server that restarts is back in a few seconds; one that is away for longer is asked less often.
const OFTEN_MS = 1000, SELDOM_MS = 3000, SOON = 12;
// In which a line answers of which it is not known whether it is still there. By itself it says so after twenty seconds.
const DOUBT_MS = 3000;
const NOTHING = { after: 1e6 }; // lines of the chat
// Refusals at the door that pass by themselves; every other one is final.
const PASSING = new Set(["busy", "starting", "timeout"]);
// Whichever server takes it. Where there are several, one of them has the room, and the others say where that is.
const ANY = "/socket.io/";

export interface SignalEvents {
  up: () => void; // connected (again); a view follows by itself
  down: () => void;
  trying: (attempt: number) => void; // counted since we were connected, at whichever server
  refused: (code: string) => void;
  part: (message: PartMessage) => void;
  view: (message: ViewMessage) => void;
  line: (line: Line) => void; // of the chat
  offer: (message: OfferMessage) => void;
  mediaLost: () => void;
  quality: (seat: string, level: number) => void;
  measured: (seat: string, measurement: Measurement, finding: Finding, outage: Outage) => void; // to the mediator
  restart: (at: string) => void;
  echo: (on: boolean) => void; // another microphone in this room hears us
  mediaFull: (seat: string) => void;
  caption: (caption: ServerMessages["caption"]) => void;
  captionsFault: (code: string) => void;
  look: (look: Look) => void; // of whoever shows an exhibit
  gone: (code: string) => void;
}

export class Signal {
  private socket: Wire;
  private heir: Wire | null = null; // about to take the socket's place
  private ended = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private path = ANY;
  private moves = 0; // since we were connected
  private attempts = 0; // likewise
  private doubted = false;

  constructor(private readonly auth: Record<string, string>, private readonly on: SignalEvents) {
    this.socket = this.made();
  }

  private made(): Wire {
    const { on } = this;
    const socket: Wire = io("/room", {
      path: this.path,
      auth: this.auth,
      autoConnect: false,
      forceNew: true,
      transports: ["websocket", "polling"],
      reconnectionDelay: 500,
      reconnectionDelayMax: OFTEN_MS,
      randomizationFactor: 0.3,
      timeout: 8000,
    });
    socket.on("connect", () => {
      this.moves = this.attempts = 0;
      if (socket === this.heir) this.inherit(socket);
      on.up();
    });
    socket.on("disconnect", (reason) => {
      if (this.ended || socket !== this.socket) return;
      on.down();
      // The server closed the socket without a word (a restart, a slow connection): only we can come back.
      if (reason === "io server disconnect") this.again();
    });
    socket.on("connect_error", (error: Error & { data?: { code?: string; path?: string } }) => {
      if (this.ended) return;
      if (socket.active) {
        // Transport trouble: the client goes on trying by itself. A server that is gone is not asked for ever.
        if (this.path !== ANY && !this.socket.connected) this.moveTo(ANY);
        return;
      }
      const code = error.data?.code ?? error.message;
      if (code === "other_node" && error.data?.path) this.moveTo(error.data.path);
      else if (PASSING.has(code)) this.again();
      else {
        this.ended = true;
        on.refused(code);
      }
    });
    socket.io.on("reconnect_attempt", (attempt) => {
      socket.io.reconnectionDelayMax(attempt < SOON ? OFTEN_MS : SELDOM_MS);
      this.tries();
    });
    socket.on("part", (message) => on.part(message));
    socket.on("line", (line) => on.line(line));
    socket.on("view", (message) => on.view(message));
    socket.on("media_offer", (message) => on.offer(message));
    socket.on("media_lost", () => on.mediaLost());
    socket.on("media_full", (message) => on.mediaFull(message.seat));
    socket.on("exhibit_look", (message) => on.look(message));
    socket.on("caption", (message) => on.caption(message));
    socket.on("captions_fault", (message) => on.captionsFault(message.code));
    socket.on("quality", (message) => on.quality(message.seat, message.level));
    socket.on("measured", ({ seat, finding, outage, ...measurement }) => on.measured(seat, measurement, finding, outage));
    socket.on("restart", ({ at }) => on.restart(at));
    socket.on("echo", ({ on: heard }) => on.echo(heard));
    socket.on("gone", (message) => {
      if (message.code === "elsewhere" && this.heir) return; // that is our own
      this.ended = true;
      on.gone(message.code);
    });
    return socket;
  }

  // At once where we are sent, and after a moment when we are sent on from there.
  private moveTo(path: string): void {
    clearTimeout(this.retry);
    if (this.socket.connected) this.on.down(); // the room went on without it
    for (const socket of [this.socket, this.heir]) {
      socket?.off();
      socket?.io.off();
      socket?.disconnect();
    }
    this.path = path;
    this.heir = null;
    this.socket = this.made();
    if (this.moves++ > 0) return this.again();
    this.tries();
    this.socket.connect();
  }

  // A second socket beside one that lives is nobody's reconnecting.
  private tries(): void {
    if (!this.socket.connected) this.on.trying(++this.attempts);
  }

  // The old one goes without a word being heard of it: the room has already let it give way.
  private inherit(socket: Wire): void {
    const old = this.socket;
    this.socket = socket;
    this.heir = null;
    old.off();
    old.io.off();
    old.disconnect();
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  open(): void {
    this.ended = false;
    this.socket.connect();
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.retry);
    this.heir?.disconnect();
    this.socket.disconnect();
  }

  // Do not wait for the next timed try.
  hurry(): void {
    if (!this.ended && !this.socket.connected) this.renew();
  }

  // The network came back: a socket from before may look alive and be dead, which only its silence would show. Where
  // it does, a second one is made beside it and takes over, so that the room does not see us go and come again.
  renew(): void {
    if (this.ended) return;
    clearTimeout(this.retry);
    if (this.heir) this.heir.disconnect().connect();
    else if (this.socket.connected) {
      this.heir = this.made();
      this.heir.connect();
    } else this.socket.disconnect().connect();
  }

  // Sound and picture have stopped: a server that lost its network or its power says nothing on this line either.
  doubt(): void {
    const { socket } = this;
    if (this.doubted || !socket.connected) return;
    this.doubted = true;
    socket.timeout(DOUBT_MS).emit("read_lines", NOTHING, (late: Error | null) => {
      this.doubted = false;
      if (!late || this.ended || socket !== this.socket || !socket.connected) return;
      if (this.path === ANY) socket.io.engine.close(); // and it comes back by itself
      else this.moveTo(ANY);
    });
  }

  // Nothing is queued while offline: a stale "mute" or "admit" sent a minute later would be wrong.
  ask<T = unknown>(name: Asked, body: ClientMessages[Asked] = {}): Promise<T> {
    if (!this.socket.connected) return Promise.reject(new Refusal("offline"));
    return new Promise((resolve, reject) => {
      this.socket.timeout(ANSWER_WITHIN_MS).emit(name, body, (late: Error | null, reply: Reply<T> | undefined) => {
        if (late || !reply) reject(new Refusal("timeout"));
        else if ("error" in reply) reject(new Refusal(reply.error.code, reply.error.params));
        else resolve(reply.ok);
      });
    });
  }

  // What the next one replaces: nobody waits for an answer, and without a connection it is not sent at all.
  tell<Name extends Asked>(name: Name, body: ClientMessages[Name]): void {
    if (this.socket.connected) this.socket.volatile.emit(name, body);
  }

  private again(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (this.ended) return;
      this.tries();
      (this.heir ?? this.socket).connect();
    }, 1500);
  }
}
