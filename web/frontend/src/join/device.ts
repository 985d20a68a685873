// The device check on /join/device: one's own picture, whether one is heard, whether one hears, the network.
// The page shows and posts without this too; here is only what needs script.
import "webrtc-adapter";
import { Background } from "../background/background";
import { chooseLook, chosenLook } from "../background/looks";
import { patch } from "../dom";
import * as devices from "../media/devices";
import { choose, chosen, forgetAllPictures, type Kind } from "../media/memory";
import { readPage } from "../page";
import { tryWays } from "../media/trial";
import { audioContext, play } from "../tones";
import { allowing, backgroundField, deviceField } from "../views/devices";

const page = readPage();
const by = <T extends HTMLElement>(id: string): T | null => document.getElementById(id) as T | null;
const findings = new Map<string, string>();
let tracks: MediaStreamTrack[] = [];
const background = new Background(page.office, () => {
  chooseLook("none");
  look();
});
let lacking: { camera: devices.Trouble | null; mic: devices.Trouble | null } = { camera: null, mic: null };

function found(what: string, result: string): void {
  findings.set(what, result);
  const field = by<HTMLInputElement>("findings");
  if (field) field.value = Array.from(findings, ([name, value]) => `${name}:${value}`).join(",");
}

// Said of the one that is lacking; of both together when it is the same with both.
function trouble(camera: devices.Trouble | null, mic: devices.Trouble | null): void {
  const said = camera === mic || camera === "insecure" || camera === "unsupported" ? [camera] : [mic && `${mic}-mic`, camera && `${camera}-camera`];
  for (const advice of Array.from(document.querySelectorAll<HTMLElement>("[data-trouble]"))) {
    advice.hidden = !said.includes(advice.dataset.trouble ?? "");
  }
}

async function start(): Promise<void> {
  if (!devices.canCall()) {
    // Told once; whoever wants to go on all the same does so by typing.
    if (page.links.switch && !new URLSearchParams(window.location.search).has("here")) window.location.replace(page.links.switch);
    else {
      found("calls", "none"); // the mediator is told that this person hears nothing
      suggest(true, true);
    }
    return;
  }
  by("speaker-test")?.addEventListener("click", () => void chime());
  network();
  void ways();
  const check = by("check");
  const before = by("before");
  if (before && await devices.willAsk("camera", "microphone")) {
    before.hidden = false;
    await new Promise((pressed) => by("before-go")?.addEventListener("click", pressed));
    before.hidden = true;
  }
  if (check) check.hidden = false;
  if (check?.dataset.watches !== undefined) return; // an observer sends nothing
  await take();
  navigator.mediaDevices?.addEventListener?.("devicechange", () => void drawChoices());
}

async function take(): Promise<void> {
  const got = await devices.both();
  if (got.camera instanceof MediaStreamTrack) showCamera(got.camera);
  else found("camera", got.camera);
  if (got.mic instanceof MediaStreamTrack) listen(got.mic);
  else found("mic", got.mic);
  lacking = { camera: typeof got.camera === "string" ? got.camera : null, mic: typeof got.mic === "string" ? got.mic : null };
  showLacking();
  await drawChoices();
}

// Each kind of which there is more than one.
async function drawChoices(): Promise<void> {
  const found = await devices.list();
  const kinds: Kind[] = ["camera", "mic", "speaker"];
  const place = by("choices");
  if (!place) return;
  patch(place, [live("video") && backgroundField(chosenLook(), (one) => {
    chooseLook(one);
    look();
  }), kinds.filter((kind) => found[kind].length > 1 && (kind !== "speaker" || devices.canChooseSpeaker())).map((kind) =>
    deviceField(kind, found[kind], used(kind), (one) => {
      choose(kind, one);
      if (kind === "speaker") void drawChoices();
      else again();
    }))]);
}

function live(kind: "audio" | "video"): MediaStreamTrack | undefined {
  return tracks.find((one) => one.readyState === "live" && one.kind === kind);
}

// The picture as the others will see it.
function look(): void {
  const camera = live("video");
  const video = by<HTMLVideoElement>("preview");
  if (!camera || !video) return;
  const back = devices.facing(camera) === "environment", one = back ? "none" : chosenLook();
  video.classList.toggle("feed-plain", back || one === "office"); // goods and the drawn office's sign are to be read
  if (one === "none") background.stop();
  video.srcObject = new MediaStream([one === "none" ? camera : background.through(camera, one)]);
  void video.play().catch(() => undefined);
  void drawChoices();
}

function used(kind: Kind): { id: string; label: string } | null {
  const track = live(kind === "mic" ? "audio" : "video");
  if (kind === "speaker" || !track) return chosen(kind);
  return { id: track.getSettings().deviceId ?? "", label: track.label };
}

// Many phones give one camera at a time: what is open goes first.
function again(): void {
  stop();
  void take();
}

function stop(): void {
  background.stop();
  for (const track of tracks) track.stop();
  tracks = [];
}

function showCamera(track: MediaStreamTrack): void {
  tracks.push(track);
  found("camera", "ok");
  const video = by<HTMLVideoElement>("preview");
  if (!video) return;
  video.muted = true; // Safari looks at the property, not the attribute
  look();
  const off = by("preview-off");
  video.addEventListener("playing", () => {
    if (off) off.hidden = true;
  });
  track.addEventListener("ended", () => {
    if (off) off.hidden = false;
    found("camera", "busy");
    lacking.camera = "busy";
    showLacking();
  });
}

// The bar follows the microphone; once something was clearly heard the badge says so.
function listen(track: MediaStreamTrack): void {
  tracks.push(track);
  found("mic", "silent");
  const meter = by<HTMLMeterElement>("mic-meter");
  const heard = by("mic-ok");
  const context = audioContext();
  if (!context || !meter) return;
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loud = 0;
  const timer = setInterval(() => {
    if (track.readyState === "ended") {
      clearInterval(timer);
      return;
    }
    if (context.state === "suspended") void context.resume();
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const decibels = 20 * Math.log10(Math.sqrt(sum / samples.length) + 1e-6);
    const level = Math.round(Math.max(0, Math.min(100, (decibels + 60) * 1.8)));
    meter.value = level;
    loud = level > 15 ? loud + 1 : 0;
    if (loud >= 3 && heard?.hidden) {
      heard.hidden = false;
      found("mic", "ok");
    }
  }, 80);
}

async function chime(): Promise<void> {
  const context = audioContext();
  if (!context) return;
  await context.resume();
  play(context, { pitches: [523.25, 659.25, 783.99], apart: 0.28, lasts: 0.6, volume: 0.25 }, await output(context));
  found("speaker", "played");
}

// The loudspeaker that was chosen, while it is there.
async function output(context: AudioContext): Promise<AudioNode> {
  const one = chosen("speaker");
  const found = one && devices.canChooseSpeaker() && devices.match((await devices.list()).speaker, one);
  if (!found) return context.destination;
  const node = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = node.stream;
  await element.setSinkId(found.id).catch(() => undefined);
  await element.play().catch(() => undefined);
  return node;
}

// A rough look at the way to the server: the middle of the round trips that brought this page and its files. Nothing is
// fetched for it.
function network(): void {
  const loaded = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const fetched = loaded.filter(({ responseStart, transferSize }) => transferSize > 0 && responseStart > 0); // not out of the cache
  const times = [performance.timing, ...fetched].map(({ requestStart, responseStart }) => responseStart - requestStart).sort((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)]!;
  const level = middle < 150 ? 4 : middle < 400 ? 3 : middle < 1200 ? 2 : 1;
  found("network", String(level));
  show(level);
}

// A quick network that lets no call through is a bad one: the lowest that was found counts.
let lowest = 4;
function show(level: number): void {
  lowest = Math.min(lowest, level);
  const bars = by("network");
  const word = by("network-word");
  if (bars) bars.dataset.q = String(lowest);
  if (word) {
    word.textContent = word.getAttribute(`data-q-${lowest}`) ?? "";
    word.dataset.tone = lowest > 2 ? "ok" : "warn";
  }
}

// Whether the call itself will get through; said only where the direct way is closed.
async function ways(): Promise<void> {
  if (!page.trial) return;
  const outcome = await tryWays(page.trial);
  found("way", outcome);
  if (outcome === "none") show(1);
  const said = outcome === "direct" ? null : by("network-way");
  if (!said) return;
  said.textContent = said.getAttribute(`data-${outcome}`) ?? "";
  said.hidden = false;
}

function showLacking(): void {
  // Who only listens and types sends no picture either: the camera's light goes out.
  if (lacking.mic) tracks.filter((track) => track.kind === "video").forEach((track) => track.stop());
  trouble(lacking.camera, lacking.mic);
  const how = by("allowing");
  if (how) {
    how.hidden = lacking.camera !== "refused" && lacking.mic !== "refused";
    patch(how, allowing("h2"));
  }
  suggest(lacking.camera !== null, lacking.mic !== null);
}

// What cannot work is not offered, and the best that is left becomes the main button:
// no camera → sound only, no microphone → listening and typing.
function suggest(noCamera: boolean, noMic: boolean): void {
  const ways = ["video", "audio", "text"];
  const wanted = noMic ? "text" : noCamera ? "audio" : "video";
  const way = by("way");
  if (way) way.textContent = way.getAttribute(`data-${wanted}`) ?? way.textContent;
  const tile = by("tile");
  if (tile) tile.hidden = wanted !== "video";
  const row = by("mic-row");
  if (row) row.hidden = noMic;
  const buttons = Array.from(document.querySelectorAll<HTMLButtonElement>('button[name="mode"]'));
  const left = buttons.filter((button) => ways.indexOf(button.value) >= ways.indexOf(wanted));
  for (const button of buttons) {
    const main = button.value === wanted;
    button.hidden = !left.includes(button);
    button.classList.toggle("btn-act", main);
    button.classList.toggle("btn-big", main);
    button.classList.toggle("wide", main || left.length === 2);
    const [short, long] = [button.querySelector<HTMLElement>("[data-short]"), button.querySelector<HTMLElement>("[data-long]")];
    if (short) short.hidden = main;
    if (long) long.hidden = !main;
  }
}

// The room opens the devices itself; some phones give a camera to one page only.
window.addEventListener("pagehide", () => {
  stop();
});
// Who saw themselves and goes on to be seen takes back what they switched off in the room.
document.querySelector('button[name="mode"][value="video"]')?.addEventListener("click", forgetAllPictures);

void start();
