// How our sound withstands the network: each packet repeated in the next while some are lost, thin where the line is
// narrow. `docs/media.md` has the measurements these bounds come from.

// redundant: RED, every packet holds the one before it as well.
export type Form = "plain" | "redundant" | "thin";

const LOSSY = 0.03; // of our packets, above which they are repeated
const CALM = 0.01; // and below which they no longer are
const LATEST = 0.4; // weight of the latest measurement
const NARROW = 90_000; // bit/s we may send, below which only thin sound fits; repeated sound takes just so much
const BACK = 1.2; // times that bound, to return over it
const THIN_BITS = 16_000;

export class Robust {
  form: Form = "plain";
  private loss = 0;

  // What the server reports lost of our packets (0…1), and bit/s the browser may send (0: not known).
  judge(loss: number, room: number): Form {
    this.loss += LATEST * (loss - this.loss);
    const narrow = NARROW * (this.form === "thin" ? BACK : 1);
    if (room && room < narrow) this.form = "thin";
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
