// How somebody's connection is, said to the mediator in plain words. Pure. Which of them fits is the server's to say
// (rooms/media/diagnosis.py): one rule for everybody.
import type { Finding, Measurement, Outage, Seat, View } from "./wire";
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

// Why somebody is heard or seen badly; "" for nobody's fault.
export function because(name: string, finding: Finding): string {
  switch (finding) {
    case "": return "";
    case "server": return t("Our server is overloaded. It is not {name}'s line.", { name });
    case "mic_gone": return t("{name}'s microphone cannot be used: it was not allowed, or none was found.", { name });
    case "mic_muted": return t("{name}'s microphone is taken by a call or another app.", { name });
    case "mic_silent": return t("{name}'s microphone is on, but there is no sound in it.", { name });
    case "loss_up": return t("Much of what {name} sends is lost on {name}'s own line.", { name });
    case "narrow_up": return t("{name}'s line is too narrow to send a picture.", { name });
    case "delay": return t("{name}'s line is slow: words arrive late.", { name });
    case "echo": return t("{name} sits beside somebody else in this mediation: two microphones at one table make an echo.", { name });
    case "loss_down": return t("Much of what is sent to {name} is lost on {name}'s own line: what they hear has gaps.", { name });
    case "narrow_down": return t("{name}'s line is too narrow to receive pictures.", { name });
    case "cpu": return t("{name}'s device cannot keep up with the picture.", { name });
    case "camera_gone": return t("{name}'s camera cannot be used: it was not allowed, or none was found.", { name });
    case "camera_muted": return t("{name}'s camera is taken by a call or another app.", { name });
    case "camera_still": return t("{name}'s camera is on, but its picture stands still.", { name });
    case "hidden": return t("{name} has another app in front of the mediation on the phone.", { name });
    case "battery": return t("The battery of {name}'s device is nearly empty.", { name });
  }
}

// What several bad lines have in common, in one sentence; "" for nothing.
export function inCommon(view: View, outage: Outage): string {
  const { scope, seats } = outage;
  if (scope === "all") return t("Everybody's connection is bad at once: it is our server or the office's line, not one person's. Have cameras turned off for now, and tell the office's IT.");
  if (scope !== "network") return "";
  if (seats.includes(view.you.seat)) return t("You and others behind the same line are all badly connected: it is this line, not each device. Tell the office's IT.");
  const names = view.seats.filter((seat) => seats.includes(seat.id)).map((seat) => seat.name).join(t(", "));
  return t("{names} share one line, and it is bad for all of them. Suggestion: ask one of them to use mobile data.", { names });
}

// Of oneself.
export function ownFinding(finding: Finding): string {
  switch (finding) {
    case "server": return t("Our server is overloaded. It is not your line.");
    case "delay": return t("Your own line is slow: words arrive late. Leave a short pause after each sentence.");
    case "loss_up": case "narrow_up": return t("Your own line is weak: others hear or see you badly. Turning your camera off helps.");
    case "loss_down": case "narrow_down": return t("Your own line is weak: what you hear and see has gaps.");
    case "mic_gone": case "mic_muted": case "mic_silent": return t("The others do not hear you: there is no sound from your microphone.");
    case "camera_gone": case "camera_muted": case "camera_still": return t("The others do not see you: there is no picture from your camera.");
    case "cpu": return t("Your device cannot keep up with the picture. Close other apps, or turn your camera off.");
    case "": case "echo": case "hidden": case "battery": return ""; // known, or no reason that others are heard badly
  }
}

// The one thing to try.
export function advice(finding: Finding): string {
  switch (finding) {
    case "": return "";
    case "server": return t("Suggestion: have cameras turned off for now, and tell the office's IT.");
    case "mic_gone": return t("Suggestion: ask them to allow the microphone, and to write until then.");
    case "mic_muted": return t("Suggestion: ask them to end the call, or to close the other app.");
    case "mic_silent": return t("Suggestion: ask them to check the switch at the headset, or to choose another microphone.");
    case "loss_up": case "narrow_up": return t("Suggestion: ask them to turn the camera off and go on with sound only.");
    case "delay": return t("Suggestion: leave a short pause after each sentence.");
    case "echo": return t("Suggestion: ask them to use one phone's sound for both, or headphones.");
    case "loss_down": case "narrow_down": return t("Suggestion: ask them to go nearer to a window or to the router.");
    case "cpu": return t("Suggestion: ask them to close other apps, or to turn the camera off.");
    case "camera_gone": return t("Suggestion: ask them to allow the camera; sound is enough to go on.");
    case "camera_muted": return t("Suggestion: ask them to close the other app; sound is enough to go on.");
    case "camera_still": return t("Suggestion: ask them to turn the camera off and on again.");
    case "hidden": return t("Suggestion: ask them to come back to the page of the mediation.");
    case "battery": return t("Suggestion: ask them to plug in a charger.");
  }
}

// Said to the person themselves, at the mediator's press; "" where they can do nothing.
export function plea(finding: Finding): string {
  switch (finding) {
    case "": case "server": case "delay": return "";
    case "mic_gone": return t("We cannot hear you: your microphone cannot be used. “Camera, microphone, loudspeaker” says how to allow it. Until then you can write here.");
    case "mic_muted": return t("We cannot hear you: a call or another app is using your microphone. Please end the call, or close the app.");
    case "mic_silent": return t("We hear nothing from your microphone. Please check the switch at your headset, or choose another microphone under “Camera, microphone, loudspeaker”.");
    case "loss_up": case "narrow_up": return t("Your network is weak. Please turn your camera off for now; then you are heard better.");
    case "echo": return t("There is somebody beside you in this mediation: two microphones at one table make an echo. Use one phone's sound for both, or headphones.");
    case "loss_down": case "narrow_down": return t("Your network is weak. Please go nearer to a window or to the router.");
    case "cpu": return t("Your phone or computer is busy. Please close other apps, or turn your camera off.");
    case "camera_gone": return t("We cannot see you: your camera cannot be used. “Camera, microphone, loudspeaker” says how to allow it. We hear you, that is enough to go on.");
    case "camera_muted": return t("We cannot see you: another app is using your camera. Please close it. We hear you, that is enough to go on.");
    case "camera_still": return t("Your picture stands still. Please turn your camera off and on again.");
    case "hidden": return t("Please come back to the page of the mediation: your phone shows another app in front of it.");
    case "battery": return t("Your battery is nearly empty. Please plug in a charger.");
  }
}

// In two or three words, under a picture.
export function side(finding: Finding): string {
  switch (finding) {
    case "": return "";
    case "server": return t("our server");
    case "loss_up": case "narrow_up": case "delay": return t("their line, sending");
    case "loss_down": case "narrow_down": return t("their line, receiving");
    case "mic_gone": case "mic_muted": case "mic_silent": case "echo": return t("their microphone");
    case "camera_gone": case "camera_muted": case "camera_still": return t("their camera");
    case "cpu": case "hidden": case "battery": return t("their device");
  }
}
