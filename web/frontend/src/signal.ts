// The wire to the room: one Socket.IO connection, acknowledged messages, reconnection. No DOM.
import { io, type Socket } from "socket.io-client";
import { Refusal, type OfferMessage, type Reply, type ViewMessage } from "./wire";

const ANSWER_WITHIN_MS = 8000;
// Refusals at the door that pass by themselves; every other one is final.
const PASSING = new Set(["busy", "starting", "timeout"]);

export interface SignalEvents {
  up: () => void; // connected (again); a view follows by itself
  down: () => void;
  trying: (attempt: number) => void;
  refused: (code: string) => void;
  view: (message: ViewMessage) => void;
  offer: (message: OfferMessage) => void;
  mediaLost: () => void;
  quality: (seat: string, level: number) => void;
  mediaFull: (seat: string) => void;
  gone: (code: string) => void;
}

export class Signal {
  private socket: Socket;
  private ended = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(auth: Record<string, string>, on: SignalEvents) {
    this.socket = io("/room", {
      auth,
      autoConnect: false,
      transports: ["websocket", "polling"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      randomizationFactor: 0.3,
      timeout: 8000,
    });
    const socket = this.socket;
    socket.on("connect", () => on.up());
    socket.on("disconnect", (reason) => {
      if (this.ended) return;
      on.down();
      // The server closed the socket without a word (a restart, a slow connection): only we can come back.
      if (reason === "io server disconnect") this.again();
    });
    socket.on("connect_error", (error: Error & { data?: { code?: string } }) => {
      if (socket.active || this.ended) return; // transport trouble: the client goes on trying by itself
      const code = error.data?.code ?? error.message;
      if (PASSING.has(code)) this.again();
      else {
        this.ended = true;
        on.refused(code);
      }
    });
    socket.io.on("reconnect_attempt", (attempt) => on.trying(attempt));
    socket.on("view", (message: ViewMessage) => on.view(message));
    socket.on("media_offer", (message: OfferMessage) => on.offer(message));
    socket.on("media_lost", () => on.mediaLost());
    socket.on("media_full", (message: { seat: string }) => on.mediaFull(message.seat));
    socket.on("quality", (message: { seat: string; level: number }) => on.quality(message.seat, message.level));
    socket.on("gone", (message: { code: string }) => {
      this.ended = true;
      on.gone(message.code);
    });
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
    this.socket.disconnect();
  }

  // Do not wait for the next timed try.
  hurry(): void {
    if (!this.ended && !this.socket.connected) this.renew();
  }

  // The network came back: a socket from before may look alive and be dead, which only its silence would show.
  renew(): void {
    if (!this.ended) this.socket.disconnect().connect();
  }

  // Nothing is queued while offline: a stale "mute" or "admit" sent a minute later would be wrong.
  ask<T = unknown>(name: string, body: Record<string, unknown> = {}): Promise<T> {
    if (!this.socket.connected) return Promise.reject(new Refusal("offline"));
    return new Promise((resolve, reject) => {
      this.socket.timeout(ANSWER_WITHIN_MS).emit(name, body, (late: Error | null, reply: Reply<T> | undefined) => {
        if (late || !reply) reject(new Refusal("timeout"));
        else if ("error" in reply) reject(new Refusal(reply.error.code, reply.error.params));
        else resolve(reply.ok);
      });
    });
  }

  private again(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (!this.ended) this.socket.connect();
    }, 1500);
  }
}
