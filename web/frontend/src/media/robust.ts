// How our sound withstands the network: each packet repeated in the next while some are lost, thin where the line is
// narrow. `docs/media.md` has the measurements these bounds come from.

// redundant: RED, every packet holds the one before it as well.
export type Form = "plain" | "redundant" | "thin";

const LOSSY = 0.03; // of our packets, above which they are repeated
const CALM = 0.01; // and below which they no longer are
const LATEST = 0.4; // weight of the latest measurement
const NARROW = 90_000; // bit/s we may send: repeated sound takes just so much
const QUEUED = 0.35; // seconds there and back, which so little can take only where it waits in a queue
const WIDER = 108_000; // bit/s, above which sound is no longer thin
const THIN_BITS = 16_000;

export class Robust {
  form: Form = "plain";
  private loss = 0;

  // What the server reports lost of our packets (0…1), bit/s the browser may send (0: not known), and seconds there
  // and back. Little may be sent also because nobody could take more: then the line is not full.
  judge(loss: number, room: number, rtt: number): Form {
    this.loss += LATEST * (loss - this.loss);
    if (this.form === "thin" ? room < WIDER : room && room < NARROW && rtt > QUEUED) this.form = "thin";
    else if (this.loss > LOSSY) this.form = "redundant";
    else if (this.loss < CALM || this.form === "thin") this.form = "plain";
    return this.form;
  }
}

// Whether the browser can repeat sound at all; what is preferred here counts from the next offer on.
export function prefer(transceiver: RTCRtpTransceiver, redundant: boolean): boolean {
  const codecs = RTCRtpSender.getCapabilities?.("audio")?.codecs ?? [];
  const repeats = codecs.filter((c) => c.mimeType.toLowerCase() === "audio/red");
  if (!repeats.length || !transceiver.setCodecPreferences) return false;
  const others = codecs.filter((c) => !repeats.includes(c));
  transceiver.setCodecPreferences(redundant ? [...repeats, ...others] : [...others, ...repeats]);
  return true;
}

export async function thin(sender: RTCRtpSender, wanted: boolean): Promise<void> {
  const parameters = sender.getParameters?.();
  const encoding = parameters?.encodings?.[0];
  if (!parameters || !encoding || (encoding.maxBitrate === THIN_BITS) === wanted) return;
  if (wanted) encoding.maxBitrate = THIN_BITS;
  else delete encoding.maxBitrate;
  await sender.setParameters(parameters).catch(() => undefined);
}

// bit/s the browser may send on a connection, of its statistics; 0: it does not say.
export function room(reports: Iterable<Record<string, unknown>>): number {
  for (const report of reports) {
    const bits = report.availableOutgoingBitrate;
    if (report.type === "candidate-pair" && report.nominated && typeof bits === "number") return bits;
  }
  return 0;
}
