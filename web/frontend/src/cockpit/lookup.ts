// Asking the server for articles: once the typing rests, and never showing an older answer over a newer one.
import type { Call } from "../room/call";
import type { LawFound } from "../room/state";

const REST_MS = 200;

let timer: number | undefined;
let latest = 0;

export function lookUp(call: Call, words: string, wait = REST_MS): void {
  if (!call.page.law) return;
  window.clearTimeout(timer);
  const turn = ++latest;
  timer = window.setTimeout(() => {
    call.dispatch({ type: "law", law: { state: "asking" } });
    void answer(call.page.law as string, words).then((law) => {
      if (turn === latest) call.dispatch({ type: "law", law });
    });
  }, wait);
}

async function answer(address: string, words: string): Promise<Partial<LawFound>> {
  try {
    const response = await fetch(`${address}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
    if (!response.ok) return { state: "failed", asked: words };
    const found = (await response.json()) as Omit<LawFound, "state" | "asked">;
    return { ...found, state: "found", asked: words };
  } catch {
    return { state: "failed", asked: words };
  }
}
