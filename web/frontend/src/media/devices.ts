// Camera, microphone, loudspeaker and screen: which there are, asking for them and saying why there is none. No DOM beyond navigator.
import { chosenNoise } from "../noise/noise";
import { chosen, type Chosen, type Facing, type Kind } from "./memory";

export type Trouble = "refused" | "missing" | "busy" | "insecure" | "unsupported";

export class DeviceTrouble extends Error {
  constructor(readonly why: Trouble) {
    super(why);
  }
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof DeviceTrouble) return error.why;
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
    case "PermissionDeniedError": return "refused";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError": return "missing";
    case "NotReadableError": // taken by another app, or the driver failed
    case "TrackStartError":
    case "AbortError": return "busy";
    default: return "unsupported";
  }
}

// Where ours takes the noise out, or nobody is to, the browser does not.
const sound = (): MediaTrackConstraints => ({ echoCancellation: true, noiseSuppression: chosenNoise() === "automatic", autoGainControl: true });
export const PICTURE: MediaTrackConstraints = {
  width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 },
};

export interface Device {
  id: string;
  label: string;
}
export type Devices = Readonly<Record<Kind, readonly Device[]>>;
export const NO_DEVICES: Devices = { mic: [], camera: [], speaker: [] };
const KINDS: Readonly<Record<string, Kind>> = { audioinput: "mic", videoinput: "camera", audiooutput: "speaker" };

// Those with a name: browsers name none before they were allowed to.
export async function list(): Promise<Devices> {
  const found: Record<Kind, Device[]> = { mic: [], camera: [], speaker: [] };
  const all = await navigator.mediaDevices?.enumerateDevices?.().catch(() => []) ?? [];
  for (const { kind, deviceId: id, label } of all) {
    if (id && label && id !== "communications") found[KINDS[kind]!].push({ id, label }); // Windows lists that one twice
  }
  return found;
}

// What was chosen, as it is called now.
export function match(devices: readonly Device[], one: Chosen): Device | undefined {
  return devices.find(({ id }) => id === one.id) ?? devices.find(({ label }) => label === one.label);
}

// As a condition what is there to be had: as a wish it loses against a camera that knows the wished size. As a wish what is not
// there, or not known by name before the browser was allowed to: then it is another one.
async function wanted(kind: "mic" | "camera"): Promise<MediaTrackConstraints> {
  const plain = kind === "mic" ? sound() : PICTURE;
  const one = chosen(kind);
  const found = one && match((await list())[kind], one);
  if (found) return { ...plain, deviceId: { exact: found.id } };
  if (one?.id) return { ...plain, deviceId: { ideal: one.id } };
  return kind === "mic" ? plain : { ...plain, facingMode: one?.facing ? { exact: one.facing } : "user" };
}

export function facing(track: MediaStreamTrack | null): Facing {
  const said = track?.getSettings?.().facingMode;
  return said === "user" || said === "environment" ? said : facingOf(track?.label ?? "");
}

// A word of its own: a “Playback” is no back camera.
function facingOf(label: string): Facing {
  if (/(?<![a-z])(?:back|rear|environment)(?![a-z])|(?<![a-z])(?:back|rear)[ _-]?cam|后|後|背面/i.test(label)) return "environment";
  return /(?<![a-z])front(?![a-z])|(?<![a-z])front[ _-]?cam|前/i.test(label) ? "user" : "";
}

// What shows the other side of a phone: by side where that is known, because the system knows best which of three lenses,
// else the next of the list. Nothing where there is one camera only.
export function otherSide(cameras: readonly Device[], track: MediaStreamTrack | null): Chosen | null {
  if (cameras.length < 2) return null;
  const now = facing(track);
  const side = now === "environment" ? "user" : "environment";
  if (now || cameras.some(({ label }) => facingOf(label) === side)) return { id: "", label: "", facing: side };
  const at = cameras.findIndex(({ id }) => id === track?.getSettings?.().deviceId);
  return cameras[(at + 1) % cameras.length]!;
}

type Light = MediaTrackCapabilities & { torch?: boolean };

export function hasTorch(track: MediaStreamTrack | null): boolean {
  return (track?.getCapabilities?.() as Light | undefined)?.torch === true;
}

// Resolves to whether it was done.
export async function light(track: MediaStreamTrack, on: boolean): Promise<boolean> {
  return track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).then(() => true, () => false);
}

export function canChooseSpeaker(): boolean {
  return typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;
}

// Whether the browser will ask the person before it gives a device: that is announced.
export async function willAsk(...names: ("camera" | "microphone")[]): Promise<boolean> {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return false;
  try {
    const states = await Promise.all(names.map((name) => navigator.permissions.query({ name: name as PermissionName })));
    return states.some(({ state }) => state === "prompt");
  } catch {
    const { mic, camera } = await list(); // older browsers do not say, but name nothing that they did not give
    return !mic.length && !camera.length;
  }
}

async function ask(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (!window.isSecureContext) throw new DeviceTrouble("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceTrouble("unsupported");
  return navigator.mediaDevices.getUserMedia(constraints);
}

export async function microphone(): Promise<MediaStreamTrack> {
  return firstOf((await ask({ audio: await wanted("mic") })).getAudioTracks());
}

export async function camera(): Promise<MediaStreamTrack> {
  return firstOf((await ask({ video: await wanted("camera") })).getVideoTracks());
}

// Both with one question to the person; when that fails, each alone, so that one fault does not cost the other.
export async function both(): Promise<{ mic: MediaStreamTrack | Trouble; camera: MediaStreamTrack | Trouble }> {
  try {
    const stream = await ask({ audio: await wanted("mic"), video: await wanted("camera") });
    return { mic: firstOf(stream.getAudioTracks()), camera: firstOf(stream.getVideoTracks()) };
  } catch (error) {
    const why = troubleOf(error);
    if (why === "insecure" || why === "unsupported") return { mic: why, camera: why };
    const mic = await microphone().catch(troubleOf);
    return { mic, camera: await camera().catch(troubleOf) };
  }
}

// Whether this browser can carry sound and pictures at all.
export function canCall(): boolean {
  return typeof RTCPeerConnection !== "undefined";
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

export async function screen(): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 8, max: 15 } }, audio: false });
  const track = firstOf(stream.getVideoTracks());
  track.contentHint = "detail"; // text stays sharp, frames may drop
  return track;
}

function firstOf(tracks: MediaStreamTrack[]): MediaStreamTrack {
  const [track] = tracks;
  if (!track) throw new DeviceTrouble("missing");
  return track;
}
