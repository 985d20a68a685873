// A call tried beforehand: one's own picture, one's own voice after three seconds, and what the network is good for.
// Nothing is sent but the checks that a call begins with (../media/trial.ts); the recording never leaves the page.
import "webrtc-adapter";
import * as devices from "../media/devices";
import { judged, tryWays, type Outcome } from "../media/trial";
import { readPage } from "../page";
import { audioContext } from "../tones";

const RECORD_MS = 3000;
const HEARD = 0.01; // of full scale: a quiet voice at arm's length

const page = readPage();
const by = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
let mic: MediaStreamTrack | null = null;
let camera: MediaStreamTrack | null = null;
let asked = false;
let way: Outcome | "untried" | null = null; // null: not known yet
let seconds = 0;
let kept = ""; // the address of what was recorded last

function tell(which: string): void {
  by("said").textContent = by("said").getAttribute(`data-${which}`) ?? "";
}

function trouble(...which: string[]): void {
  for (const one of Array.from(document.querySelectorAll<HTMLElement>("[data-trouble]"))) one.hidden = !which.includes(one.dataset.trouble ?? "");
}

function judge(): void {
  if (!asked || way === null) return;
  const found = judged(way, seconds, mic !== null, camera !== null);
  for (const one of Array.from(document.querySelectorAll<HTMLElement>("[data-verdict]"))) one.hidden = one.dataset.verdict !== found;
  const line = by("way");
  line.hidden = seconds === 0;
  line.textContent = (line.dataset.way ?? "").replace("%(ms)s", String(Math.round(seconds * 1000)));
}

async function measure(): Promise<void> {
  const line = by("way");
  line.hidden = false;
  line.textContent = line.dataset.measuring ?? "";
  way = page.trial ? await tryWays(page.trial, undefined, undefined, (took) => { seconds = took; }) : "untried";
  judge();
}

const AGAIN = "#begin";
const MARGIN_MS = 20_000; // what trying takes

async function begin(): Promise<void> {
  const { relay } = page.trial ?? {};
  if (relay && performance.now() > relay.ttl * 1000 - MARGIN_MS) { // the page has lain open too long for its credentials
    window.location.hash = AGAIN;
    return window.location.reload();
  }
  by("begin").hidden = true;
  trouble();
  let tries: Promise<void> | undefined;
  if (devices.canCall()) tries = measure();
  else way = "none";
  const got = await devices.both();
  mic = got.mic instanceof MediaStreamTrack ? got.mic : null;
  camera = got.camera instanceof MediaStreamTrack ? got.camera : null;
  asked = true;
  const never = got.mic === "insecure" || got.mic === "unsupported" || !devices.canCall();
  if (never) trouble("browser");
  else trouble(mic ? "" : "mic", camera ? "" : "camera");
  by("trial").hidden = !mic && !camera;
  by("tile").hidden = !camera;
  if (camera) {
    const video = by<HTMLVideoElement>("preview");
    video.muted = true; // Safari looks at the property, not the attribute
    video.srcObject = new MediaStream([camera]);
    void video.play().catch(() => undefined);
  }
  const records = mic !== null && typeof MediaRecorder === "function";
  by("record").hidden = !records;
  if (mic) tell(records ? "waiting" : "none");
  if (!mic || !camera) by("begin").hidden = false; // once it is allowed
  if (records) by("record").focus();
  await tries;
  judge();
}

async function record(): Promise<void> {
  const button = by<HTMLButtonElement>("record");
  if (!mic) return;
  const echo = by<HTMLVideoElement>("echo");
  button.disabled = true;
  by("echo-tile").hidden = true;
  tell("recording");
  const heard = loudest(mic);
  const recorder = new MediaRecorder(new MediaStream(camera ? [mic, camera] : [mic]));
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  setTimeout(() => recorder.stop(), RECORD_MS);
  await ended;
  button.disabled = false;
  if (heard() < HEARD) {
    tell("silent");
    return;
  }
  URL.revokeObjectURL(kept);
  kept = URL.createObjectURL(new Blob(parts, { type: recorder.mimeType }));
  echo.src = kept;
  by("echo-tile").hidden = false;
  tell("playing");
  void echo.play().catch(() => undefined); // then it is played by its own controls
}

// The loudest moment from now on; where it cannot be measured, it counts as heard.
function loudest(track: MediaStreamTrack): () => number {
  const context = audioContext();
  if (!context) return () => 1;
  void context.resume();
  const analyser = context.createAnalyser();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let most = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples) most = Math.max(most, Math.abs(sample));
  }, 50);
  return () => {
    clearInterval(timer);
    source.disconnect();
    return context.state === "running" ? most : 1;
  };
}

by("plain").hidden = true;
by("begin").hidden = false;
by("begin").addEventListener("click", () => void begin());
by("record").addEventListener("click", () => void record());
by("echo").addEventListener("ended", () => tell("done"));
window.addEventListener("pagehide", () => {
  for (const track of [mic, camera]) track?.stop();
});
if (window.location.hash === AGAIN) {
  history.replaceState(null, "", window.location.pathname + window.location.search);
  void begin();
}
