// A page's wire without the page: writes a line for whatever it is told, and does what the server wants of it.
import process from "node:process";
import { Signal } from "@/room/signal";

const told = (word: string): void => process.stdout.write(`${word}\n`);
const nothing = (): void => undefined;
Object.assign(globalThis, { location: { protocol: "http:", hostname: "127.0.0.1", port: process.argv[2]!, host: `127.0.0.1:${process.argv[2]!}` } });

const signal: Signal = new Signal({}, {
  up: () => told("up"),
  down: () => told("down"),
  trying: (attempt) => told(`try ${attempt}`),
  refused: (code) => told(`refused ${code}`),
  gone: (code) => told(`gone ${code}`),
  restart: () => signal.renew(),
  mediaLost: () => void signal.ask("arrive").then(() => told("answered"), ({ code }: { code: string }) => told(code)),
  part: nothing, view: nothing, line: nothing, offer: nothing, quality: nothing, measured: nothing, echo: nothing, mediaFull: nothing,
  caption: nothing, captionsFault: nothing, look: nothing,
});
signal.open();
