// How a source is sent: its layers, a screen's sharpness before its smoothness, and pictures that rest for the sound.
import type { Source } from "../room/wire";

const CAMERA: RTCRtpEncodingParameters[] = [
  { rid: "h", maxBitrate: 600_000, maxFramerate: 24 },
  { rid: "l", maxBitrate: 130_000, scaleResolutionDownBy: 2, maxFramerate: 15 },
];
const SCREEN: RTCRtpEncodingParameters[] = [{ maxBitrate: 1_200_000, maxFramerate: 15 }];

type Sharp = RTCRtpSendParameters & { degradationPreference?: string };

// For a source's transceiver; nothing: as the browser likes.
export function encodings(source: Source, resting: boolean): RTCRtpEncodingParameters[] | undefined {
  if (source === "mic") return undefined;
  return (source === "camera" ? CAMERA : SCREEN).map((layer) => ({ ...layer, active: !resting }));
}

// What is on a screen is to be read: of too little the frames go first, never the letters.
export function sharpen(source: Source, track: MediaStreamTrack): void {
  if (source === "screen" && "contentHint" in track) track.contentHint = "detail";
}

// Bring a sender in line with whether pictures rest. A browser that cannot goes on as it is: the room stops them too.
export async function settle(source: Source, sender: RTCRtpSender, resting: boolean): Promise<void> {
  if (source === "mic") return;
  const parameters = sender.getParameters?.() as Sharp | undefined;
  if (!parameters?.encodings?.length) return;
  const changes = parameters.encodings.some((encoding) => (encoding.active ?? true) === resting);
  if (!changes && !(source === "screen" && parameters.degradationPreference !== "maintain-resolution")) return;
  for (const encoding of parameters.encodings) encoding.active = !resting;
  if (source === "screen") parameters.degradationPreference = "maintain-resolution";
  await sender.setParameters(parameters).catch(() => undefined);
}
