// How wide the file is while the agreement is drafted: as this officer last had it in this browser. The pictures stay.
import type { Call } from "../room/call";

const KEPT = "yuntiao.drafting.wide.";
const ROOMY = 1600; // pixels of a window in which it is wide before anybody chose

let chosen: boolean | null = null;

export function isWide(call: Call): boolean {
  if (chosen === null) chosen = kept(call);
  return chosen ?? window.innerWidth >= ROOMY;
}

export function widen(call: Call): void {
  chosen = !isWide(call);
  try {
    window.localStorage.setItem(KEPT + (call.page.officer ?? ""), chosen ? "yes" : "no");
  } catch { /* a browser that keeps nothing: this page only */ }
  call.dispatch({ type: "tick", at: Date.now() });
}

function kept(call: Call): boolean | null {
  try {
    const said = window.localStorage.getItem(KEPT + (call.page.officer ?? ""));
    return said ? said === "yes" : null;
  } catch {
    return null;
  }
}
