// Soft tones, made here: nothing to download, nothing to misunderstand.

let shared: AudioContext | null = null;

// One for the page; null where a browser has none.
export function audioContext(): AudioContext | null {
  const Context = window.AudioContext ?? (window as unknown as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext;
  if (!shared && Context) shared = new Context();
  return shared;
}

export interface Tones {
  pitches: readonly number[]; // Hz
  apart: number; // seconds from one to the next
  lasts: number; // seconds
  volume: number; // 1 is full
}

export function play(context: AudioContext, { pitches, apart, lasts, volume }: Tones, to: AudioNode = context.destination): void {
  pitches.forEach((pitch, index) => {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const from = context.currentTime + index * apart;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(volume, from + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0005, from + lasts);
    tone.connect(gain).connect(to);
    tone.start(from);
    tone.stop(from + lasts + 0.05);
  });
}
