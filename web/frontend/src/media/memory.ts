// What this browser remembers of somebody's devices: which they chose, and by seat whether they were seen and wanted pictures,
// what they said of another phone beside theirs, and how loud they hear the others.
// Read before any device is asked for, so that what was off is off after a reload.

export type Kind = "mic" | "camera" | "speaker";
export type Facing = "user" | "environment" | ""; // front, back, not known

export interface Chosen {
  id: string; // "" where only the side it faces is known
  label: string; // by which it is found again when the browser gives it another id
  facing?: Facing;
}

export type SoundFrom = "" | "other" | "apart"; // other: another phone's at the same table; apart: there is none

export interface Pictures {
  camera: "on" | "off" | "paused"; // paused: off only for as long as no pictures are wanted
  wanted: boolean; // false: sound only
  sound?: SoundFrom;
}

const DEVICE = "device ";
const SEEN = "pictures ";
const LOUD = "volumes ";
const unkept = new Map<string, string>(); // in a browser that keeps nothing: for as long as the page stands

export function chosen(kind: Kind): Chosen | null {
  return read(DEVICE + kind) as Chosen | null;
}

export function choose(kind: Kind, device: Chosen | null): void {
  write(DEVICE + kind, device);
}

// `seat` is one seat of one session.
export function pictures(seat: string): Pictures {
  return { camera: "on", wanted: true, ...(read(SEEN + seat) as Partial<Pictures> | null) };
}

export function keepPictures(seat: string, change: Partial<Pictures>): void {
  write(SEEN + seat, { ...pictures(seat), ...change });
}

// Once the session is over.
export function forget(seat: string): void {
  write(SEEN + seat, null);
  write(LOUD + seat, null);
}

// How loud the others are played, by their seats: 1 is full, as is whoever is not named.
export function volumes(seat: string): Readonly<Record<string, number>> {
  return (read(LOUD + seat) as Record<string, number> | null) ?? {};
}

export function keepVolume(seat: string, other: string, volume: number): void {
  write(LOUD + seat, { ...volumes(seat), [other]: volume });
}

// Of every seat: somebody saw themselves in the device check and went on to be seen.
export function forgetAllPictures(): void {
  for (const name of names()) if (name.startsWith(SEEN)) write(name, null);
}

function names(): string[] {
  try {
    return Object.keys(window.localStorage);
  } catch {
    return [];
  }
}

function read(name: string): unknown {
  try {
    return JSON.parse(unkept.get(name) ?? window.localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function write(name: string, value: object | null): void {
  const text = value && JSON.stringify(value);
  unkept.delete(name);
  try {
    if (text) window.localStorage.setItem(name, text);
    else window.localStorage.removeItem(name);
  } catch {
    if (text) unkept.set(name, text);
  }
}
