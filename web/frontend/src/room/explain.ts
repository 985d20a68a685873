// How somebody's connection is, said to the mediator in plain words. Pure.
import type { Measurement, Seat } from "./wire";
import { ending, t } from "../words";

const SOME_LOSS = 0.03; // below, nobody notices
const LATE = 0.3; // seconds there and back, from which people begin to interrupt each other
const CHOPPED = 0.05; // of the sound made up by the browser
const STANDING = 0.2; // of the time a picture stood still
const SLOW = 6; // frames a second, below which it is a slide show

// What is wrong first, then what has been done about it; one sentence when nothing is.
export function explain(seat: Seat, measured: Measurement | undefined): string[] {
  const said: string[] = [];
  if (seat.status === "reconnecting" && ending(seat)) return [t("What they came in by is no longer valid. They come back with a new link, or by signing in again.")];
  if (seat.status === "reconnecting") return [t("The connection is gone for the moment. The seat is kept, and it comes back by itself.")];
  if (measured) {
    const { loss_up, loss_down, rtt, concealed, frozen, frames } = measured;
    if (loss_up >= SOME_LOSS) said.push(t("{share} of what they send is lost on the way.", { share: percent(loss_up) }));
    if (loss_down >= SOME_LOSS) said.push(t("{share} of what is sent to them is lost on the way.", { share: percent(loss_down) }));
    if (rtt >= LATE) said.push(t("Words take {ms} ms there and back: leave a short pause after each sentence.", { ms: Math.round(rtt * 1000) }));
    if (concealed >= CHOPPED) said.push(t("What they hear has gaps."));
    if (frozen >= STANDING || (frames !== null && frames < SLOW)) said.push(t("What they see is jerky or stands still."));
  }
  if (seat.paused.includes("from") && seat.paused.includes("to")) said.push(t("Sound comes first: their picture and those for them rest."));
  else if (seat.paused.includes("from")) said.push(t("Sound comes first: their picture rests."));
  else if (seat.paused.includes("to")) said.push(t("Sound comes first: they see no pictures for the moment."));
  if (!said.length) said.push(measured ? t("Nothing is wrong with their connection.") : t("Their browser has not yet said how the connection is."));
  return said;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

// Rates as people write them: 85 kbit/s, 1.4 Mbit/s.
export function bits(kilobits: number): string {
  return kilobits < 1000 ? `${kilobits} kbit/s` : `${(kilobits / 1000).toFixed(1)} Mbit/s`;
}
