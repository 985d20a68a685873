// What only the device itself knows of why its person is badly heard or seen: a few words beside the figures.
import type { Local } from "../room/state";
import type { Measurement } from "../room/wire";

interface Battery {
  level: number;
  charging: boolean;
}

const LOW = 0.15;

let battery: Battery | null = null;

// Chromium alone tells; what is sent is no more than whether it is nearly empty.
export async function watchBattery(): Promise<void> {
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<Battery> };
  battery = getBattery ? await getBattery.call(navigator).catch(() => null) : null;
}

export function nearlyEmpty(power: Battery | null = battery): boolean {
  return power !== null && !power.charging && power.level <= LOW;
}

// `muted`: by themselves or the mediator, so that silence is no fault.
export function withDevices(measured: Measurement, local: Pick<Local, "mic" | "camera" | "mode" | "sound">, muted: boolean, behind: boolean, power: Battery | null = battery): Measurement {
  return {
    ...measured,
    mic: local.mode === "text" || local.mic === "none" ? "off" : local.mic !== "ready" ? troubled(local.mic) : muted ? "off" : measured.mic,
    camera: local.camera === "off" ? "off" : local.camera !== "on" ? troubled(local.camera) : measured.camera,
    hidden: behind,
    battery: nearlyEmpty(power),
    apart: local.sound === "apart",
  };
}

function troubled(state: "refused" | "busy" | "missing"): "muted" | "gone" {
  return state === "busy" ? "muted" : "gone";
}

// A PC goes on behind another window; a phone stops its camera there.
export function behind(): boolean {
  return document.hidden && window.matchMedia("(pointer: coarse)").matches;
}
