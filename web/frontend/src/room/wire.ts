// What travels between the browser and the room: the types of docs/wire.md, how answers come, and nothing that acts.
import type { ClientMessages, ServerMessages } from "./messages";

export * from "./messages";

export type Outage = ServerMessages["measured"]["outage"];

export type Asked = keyof ClientMessages;
// The body that goes with a message; it may be left out where no field must be there.
export type Body<Name extends Asked> = Record<string, never> extends ClientMessages[Name] ? [body?: ClientMessages[Name]] : [body: ClientMessages[Name]];

// The text itself, as the server tells it when it is asked.
export interface Paper {
  office: string;
  title: string;
  number: string;
  rows: { label: string; value: string }[];
  before: { style: string; text: string }[];
  clauses: { label: string; text: string }[];
  after: { style: string; text: string }[];
}

export type Reply<T> = { ok: T } | { error: { code: string; params?: Record<string, unknown> } };

// A refusal by the server, or our own: `offline` (no connection) and `timeout` (no answer in time).
export class Refusal extends Error {
  constructor(readonly code: string, readonly params: Record<string, unknown> = {}) {
    super(code);
  }
}
