// A pad to write one's name on: signing by link, where without script the form takes the typed name, and an officer's saved signature,
// which has nothing typed in its place.

import { blank, Pad, written, type Drawing } from "./pad";

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id} on this page`);
  return found as T;
}

const hand = element("hand"), unwritten = element("unwritten");
const [typed, write] = [document.getElementById("typed"), document.getElementById("write")];
const drawn = element<HTMLInputElement>("drawn");

// What was written before, where the page came back with a question.
function before(): Drawing {
  try {
    return drawn.value ? (JSON.parse(drawn.value) as Drawing) : blank();
  } catch {
    return blank();
  }
}

function byHand(by: boolean): void {
  hand.hidden = !by;
  if (typed) typed.hidden = by;
}

if (write) write.hidden = false;
byHand(!typed || drawn.value !== "");
const pad = new Pad(element<HTMLCanvasElement>("pad"), before(), () => {
  unwritten.hidden = true;
});
element("undo").addEventListener("click", () => pad.undo());
element("wipe").addEventListener("click", () => pad.clear());
document.getElementById("type")?.addEventListener("click", () => {
  byHand(false);
  element("name").focus();
});
write?.addEventListener("click", () => {
  byHand(true);
  pad.redraw(); // it has a size only now
});
element<HTMLFormElement>("sign").addEventListener("submit", (event) => {
  drawn.value = hand.hidden ? "" : JSON.stringify(pad.drawing);
  if (hand.hidden || written(pad.drawing)) return;
  event.preventDefault();
  unwritten.hidden = false;
  hand.scrollIntoView({ block: "center" });
});
