// How much of a picture this device takes from its camera: less while it is hot, has too much to do or runs out of battery, and
// as much as before afterwards. The browser says so itself (Compute Pressure, Battery), or its encoder does.
import { nearlyEmpty } from "./condition";

export type Step = 0 | 1 | 2;
export const STEPS: readonly MediaTrackConstraints[] = [
  {}, // as the camera was opened
  { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { max: 12 } },
  { width: { ideal: 320 }, height: { ideal: 180 }, frameRate: { max: 10 } },
];

const DOWN = 2; // readings in a row that are too much
const UP = 15; // and that are not: a minute

export interface Strain { busy: boolean; battery: boolean } // battery: low, and not being charged

export class Effort {
  private down: Step = 0;
  private much = 0;
  private calm = 0;
  private least: Step = 0;

  get step(): Step {
    return Math.max(this.down, this.least) as Step;
  }

  judge({ busy, battery }: Strain): Step {
    this.least = battery ? 1 : 0;
    this.much = busy ? this.much + 1 : 0;
    this.calm = busy ? 0 : this.calm + 1;
    if (this.much >= DOWN && this.down < 2) {
      this.down = Math.min(2, this.step + 1) as Step;
      this.much = 0;
    } else if (this.calm >= UP && this.down > 0) {
      this.down = (this.down - 1) as Step;
      this.calm = 0;
    }
    return this.step;
  }
}

// Whether the encoder makes less of a picture because the processor gives no more.
export function limited(reports: readonly Record<string, unknown>[]): boolean {
  return reports.some((r) => r.type === "outbound-rtp" && r.kind === "video" && r.qualityLimitationReason === "cpu");
}

interface Pressure { observe(source: "cpu", options?: { sampleInterval: number }): Promise<void> }
type Sensors = {
  PressureObserver?: new (found: (records: readonly { state: string }[]) => void) => Pressure;
};

// What the browser says of itself, from now on. Where it says nothing, nothing is too much.
export class Sensed {
  private pressed = false;

  constructor() {
    const { PressureObserver } = window as unknown as Sensors;
    if (PressureObserver) {
      const observer = new PressureObserver((records) => {
        const state = records[records.length - 1]?.state;
        this.pressed = state === "serious" || state === "critical";
      });
      void observer.observe("cpu", { sampleInterval: 2000 }).catch(() => undefined);
    }
  }

  strain(encoder: boolean): Strain {
    return { busy: this.pressed || encoder, battery: nearlyEmpty() };
  }
}
