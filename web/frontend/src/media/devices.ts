// Camera, microphone and screen: asking for them and saying why there is none. No DOM beyond navigator.

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

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 20, max: 24 }, facingMode: "user",
};

async function ask(constraints: MediaStreamConstraints): Promise<MediaStream> {
  if (!window.isSecureContext) throw new DeviceTrouble("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new DeviceTrouble("unsupported");
  return navigator.mediaDevices.getUserMedia(constraints);
}

export async function microphone(): Promise<MediaStreamTrack> {
  return firstOf((await ask({ audio: SOUND })).getAudioTracks());
}

export async function camera(): Promise<MediaStreamTrack> {
  return firstOf((await ask({ video: PICTURE })).getVideoTracks());
}

// Both with one question to the person; when that fails, each alone, so that one fault does not cost the other.
export async function both(): Promise<{ mic: MediaStreamTrack | Trouble; camera: MediaStreamTrack | Trouble }> {
  try {
    const stream = await ask({ audio: SOUND, video: PICTURE });
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
