// Signing from this browser: what is being written, and the requests that need more than the room's wire. No DOM.
import { blank, type Drawing } from "../sign/pad";
import type { Page } from "../page";
import { Refusal, type Paper, type View } from "./wire";

export type Way = "" | "drawn" | "typed";

// What somebody has on the pad or in a field outlasts every redrawing and a broken connection; another text ends it.
export interface Held {
  text: string;
  paper: Paper | null;
  failed: boolean; // the text could not be fetched
  seen: boolean; // its end came before the eyes
  way: Way;
  drawing: Drawing;
  name: string;
  phone: string; // masked, once a code went there
  code: string;
  problem: string;
  working: string; // what is under way: code, sign, offer, seal
  asking: "" | "refuse" | "withdraw" | "seal" | "call_off";
  reason: string;
}

let held: Held = fresh("");

export function fresh(text: string): Held {
  return {
    text, paper: null, failed: false, seen: false, way: "", drawing: blank(), name: "", phone: "", code: "", problem: "", working: "",
    asking: "", reason: "",
  };
}

export function holding(view: View): Held {
  const text = view.signing?.text ?? "";
  if (held.text !== text) held = fresh(text);
  return held;
}

// JSON to and from our own pages; a refusal as the room's own. `seconds` it may take: a seal may wait for an authority.
export async function request<T>(page: Page, path: string, body?: unknown, seconds = 30): Promise<T> {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), seconds * 1000);
  try {
    const answer = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: { "X-CSRF-Token": page.form_token, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      signal: cut.signal,
    });
    const told = (await answer.json().catch(() => ({}))) as T & { error?: { code: string; params?: Record<string, unknown> } };
    if (!answer.ok) throw new Refusal(told.error?.code ?? "unknown", told.error?.params ?? {});
    return told;
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("offline");
  } finally {
    clearTimeout(timer);
  }
}

export function base(page: Page, text = ""): string {
  const end = text ? `/${text}` : "";
  return page.session ? `/api/sessions/${page.session}/signing${end}` : `/api/room/signing${end}`;
}

export function mySignature(view: View): NonNullable<View["signing"]>["signers"][number] | undefined {
  return view.signing?.signers.find((one) => one.seat === view.you.seat);
}

// Whether this person has something to do or to see about signing.
export function signsHere(view: View): boolean {
  return view.signing !== null && mySignature(view) !== undefined;
}

export function short(hash: string): string {
  return `${hash.slice(0, 4)} ${hash.slice(4, 8)} … ${hash.slice(-4)}`;
}
