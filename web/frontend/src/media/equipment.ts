// What somebody takes part with: microphone, camera, the screen they show. Owns the devices while they are in use and
// says in a sentence whatever happens to them.
import { Background, type Failure } from "../background/background";
import { chooseLook, chosenLook, type Look } from "../background/looks";
import { chooseNoise, chosenNoise, Noise, ours, type Choice } from "../noise/noise";
import { Capture, present } from "./capture";
import { Effort, Sensed, STEPS, type Step } from "./effort";
import * as devices from "./devices";
import * as memory from "./memory";
import type { Local } from "../room/state";
import type { Mode, Source } from "../room/wire";
import { t } from "../words";

export interface Stage {
  send: (source: Source, track: MediaStreamTrack | null) => Promise<void>;
  ask: (name: "set_camera" | "set_screen", body: { on: boolean }) => Promise<boolean>;
  background: (look: Look) => void; // what the picture that is sent shows behind the person
  local: (change: Partial<Local>) => void;
  notice: (text: string, tone?: "plain" | "warn") => void;
  follow: () => void; // bring everything in line with what the room says
  unseen: () => void; // the camera stays off, also after a reload, until its owner turns it on
}

type Device = "mic" | "camera";

export class Equipment {
  private readonly mic: Capture;
  private readonly camera: Capture;
  private shown: MediaStreamTrack | null = null;
  private lit: MediaStreamTrack | null = null; // the camera whose torch is on
  private picture: MediaStreamTrack | null = null; // what is made of the camera's
  private readonly background: Background;
  private readonly effort = new Effort();
  private sensed: Sensed | null = null;
  private step: Step = 0;
  private clean: MediaStreamTrack | null = null; // the microphone's sound without its noise
  private readonly noise = new Noise(() => {
    this.clean = null;
    void this.stage.send("mic", this.mic.track).catch(() => undefined);
  });
  listed = devices.NO_DEVICES;

  constructor(private readonly stage: Stage, office: string) {
    this.background = new Background(office, (why) => void this.uncovered(why));
    this.mic = this.capture("mic", devices.microphone);
    this.camera = this.capture("camera", devices.camera);
  }

  get own(): { camera: MediaStreamTrack | null; screen: MediaStreamTrack | null } {
    return { camera: this.picture, screen: this.shown };
  }

  // The microphone in use, as the browser gives it.
  get mine(): MediaStreamTrack | null {
    return this.mic.track;
  }

  // The back camera shows goods and papers: everything is to be seen.
  get shows(): memory.Facing {
    return devices.facing(this.camera.track);
  }

  get look(): Look {
    return this.shows === "environment" ? "none" : chosenLook();
  }

  // One's own picture is a mirror, but what the back camera shows and the drawn office's sign are to be read.
  get mirrors(): boolean {
    return this.shows !== "environment" && this.look !== "office";
  }

  // In place: nobody negotiates anew, and nothing is sent in between.
  setLook(look: Look): void {
    chooseLook(look);
    if (this.camera.track) void this.show(this.camera.track);
    this.stage.local({});
  }

  private async show(track: MediaStreamTrack | null): Promise<void> {
    if (track && this.step) void this.restrain(track); // another camera is spared as well
    const { look } = this;
    if (!track || look === "none") {
      this.background.stop();
      this.picture = track;
    } else {
      this.picture = this.background.through(track, look);
    }
    if (track) this.stage.background(look);
    if (track && look !== chosenLook()) this.stage.notice(t("The back camera shows everything sharp."));
    await this.stage.send("camera", this.picture).catch(() => undefined);
  }

  // Regularly while there is a call. `strained`: the encoder has too little of the processor.
  spare(strained: boolean): void {
    this.sensed ??= new Sensed();
    const strain = this.sensed.strain(strained);
    const before = this.step;
    this.step = this.effort.judge(strain);
    const { track } = this.camera;
    if (this.step === before || !track) return;
    void this.restrain(track);
    if (this.step < before) {
      if (this.step === 0) this.stage.notice(t("Your picture is as fine as before again."));
    } else if (before === 0) {
      this.stage.notice(strain.battery ? t("Your battery is low: your picture is coarser for as long.")
        : t("This device has too much to do: your picture is coarser for a while."));
    }
  }

  private async restrain(track: MediaStreamTrack): Promise<void> {
    await track.applyConstraints?.(this.step ? STEPS[this.step]! : devices.PICTURE).catch(() => undefined);
  }

  // What the browser itself does with noise is decided when a microphone is opened.
  async setNoise(choice: Choice): Promise<void> {
    const before = chosenNoise();
    chooseNoise(choice);
    await this.mic.change(() => chooseNoise(before));
    this.stage.local({});
  }

  // At once as it is, and without its noise as soon as that runs.
  private async sound(mic: MediaStreamTrack | null): Promise<void> {
    this.clean = null;
    this.noise.stop();
    await this.stage.send("mic", mic).catch(() => undefined);
    if (!mic || !ours(chosenNoise(), mic.getSettings?.().noiseSuppression)) return;
    const clean = await this.noise.through(mic);
    if (!clean || this.mic.track !== mic) return;
    this.clean = clean;
    clean.enabled = mic.enabled;
    await this.stage.send("mic", clean).catch(() => undefined);
  }

  // A room that was to be hidden is not shown instead: the picture goes off until its person says so.
  private async uncovered(why: Failure): Promise<void> {
    chooseLook("none");
    this.stage.unseen();
    await this.closeCamera();
    this.stage.notice(why === "slow"
      ? t("This device is too slow to hide what is behind you. Your picture is off; tap the camera to be seen as you are.")
      : t("What is behind you cannot be hidden here. Your picture is off; tap the camera to be seen as you are."), "warn");
  }

  // What is used of a kind: the one that is open, else the one that will be.
  used(device: Device): memory.Chosen | null {
    const { track } = this[device];
    return track ? described(track) : memory.chosen(device);
  }

  get otherSide(): memory.Chosen | null {
    const { track } = this.camera;
    if (!track || !(devices.facing(track) || window.matchMedia("(pointer: coarse)").matches)) return null;
    return devices.otherSide(this.listed.camera, track);
  }

  async flip(): Promise<void> {
    const to = this.otherSide;
    if (to) await this.choose("camera", to);
  }

  // null where there is none, else whether it is on.
  get torch(): boolean | null {
    const { track } = this.camera;
    return devices.hasTorch(track) ? this.lit === track : null;
  }

  async light(on: boolean): Promise<void> {
    const { track } = this.camera;
    if (!track) return;
    if (await devices.light(track, on)) this.lit = on ? track : null;
    else this.stage.notice(t("The torch cannot be used just now."), "warn");
    this.stage.local({});
  }

  // Used from now on, and whenever this browser is here again.
  async choose(device: Device, to: memory.Chosen): Promise<void> {
    const before = memory.chosen(device);
    memory.choose(device, to);
    const capture = this[device];
    const why = await capture.change(() => memory.choose(device, before));
    if (!why && capture.track) memory.choose(device, described(capture.track));
    else if (why && capture.track) this.stage.notice(t("That one cannot be used just now. Everything stays as it was."), "warn");
    this.stage.local({});
  }

  async list(): Promise<devices.Devices> {
    this.listed = await devices.list();
    this.stage.local({});
    return this.listed;
  }

  get hasMic(): boolean {
    return this.mic.track !== null;
  }

  // On entering: with one question to the person for both. `seen`: not switched off before.
  async take(mode: Mode, seen: boolean): Promise<void> {
    if (mode === "text") return;
    const alone = mode === "audio" || !seen;
    this.stage.local({ asked: await devices.willAsk("microphone", ...(alone ? [] : ["camera" as const])) });
    if (alone) {
      await this.openMic();
      this.stage.local({ asked: false });
      return;
    }
    const got = await devices.both();
    this.stage.local({ asked: false });
    if (got.mic instanceof MediaStreamTrack) this.mic.use(got.mic);
    else this.lost("mic", got.mic);
    if (got.camera instanceof MediaStreamTrack) {
      this.camera.use(got.camera);
      void this.stage.ask("set_camera", { on: true });
    } else if (got.mic instanceof MediaStreamTrack) this.lost("camera", got.camera);
    else this.stage.local({ camera: state(got.camera) }); // one sentence is enough
  }

  async openMic(): Promise<boolean> {
    return this.open("mic", this.mic);
  }

  async openCamera(): Promise<boolean> {
    return (await this.open("camera", this.camera)) && this.stage.ask("set_camera", { on: true });
  }

  async closeCamera(): Promise<void> {
    this.camera.stop();
    this.stage.local({ camera: "off" });
    await this.stage.ask("set_camera", { on: false });
  }

  // A muted microphone stays open and sends silence: unmuting is immediate and the connection stays warm.
  hear(on: boolean): void {
    for (const track of [this.mic.track, this.clean]) if (track && track.enabled !== on) track.enabled = on;
  }

  async showScreen(): Promise<void> {
    let track: MediaStreamTrack;
    try {
      track = await devices.screen();
    } catch {
      return; // the person thought better of it in the browser's own dialog
    }
    if (!(await this.stage.ask("set_screen", { on: true }))) {
      track.stop();
      return;
    }
    this.shown = track;
    track.addEventListener("ended", () => void this.closeScreen());
    await this.stage.send("screen", track).catch(() => undefined);
    this.stage.local({ sharing: true });
  }

  async closeScreen(tell = true): Promise<void> {
    if (!this.shown) return;
    this.shown.stop();
    this.shown = null;
    this.stage.local({ sharing: false });
    await this.stage.send("screen", null).catch(() => undefined);
    if (tell) await this.stage.ask("set_screen", { on: false });
  }

  // The page is in front again, or something was plugged in or out.
  front(): void {
    for (const capture of [this.mic, this.camera]) void capture.shown();
  }

  plugged(): void {
    for (const capture of [this.mic, this.camera]) void capture.changed();
  }

  stop(): void {
    this.mic.stop();
    this.camera.stop();
    this.shown?.stop();
    this.shown = null;
    this.stage.local({ mic: "none", camera: "off", sharing: false });
  }

  private async open(device: Device, capture: Capture): Promise<boolean> {
    const why = await capture.start();
    if (why) this.lost(device, why);
    return capture.track !== null; // none either when it was switched off before it came
  }

  private lost(device: Device, why: devices.Trouble): void {
    this.stage.local({ [device]: state(why) });
    this.stage.notice(troubleSentence(device, why), "warn");
  }

  private capture(device: Device, open: () => Promise<MediaStreamTrack>): Capture {
    const mic = device === "mic";
    const picture = (on: boolean): void => {
      if (!mic) void this.stage.ask("set_camera", { on }); // a picture standing still would say otherwise
    };
    const well = (): void => {
      this.stage.local(mic ? { mic: "ready" } : { camera: "on" });
      picture(true);
    };
    return new Capture({ open, present, seen: () => !document.hidden }, {
      track: (track) => {
        if (track) this.stage.local(mic ? { mic: "ready" } : { camera: "on" });
        void (mic ? this.sound(track) : this.show(track));
        if (track) this.stage.follow();
      },
      taken: () => {
        this.stage.local({ [device]: "busy" });
        this.stage.notice(mic ? t("A call or another app is using the microphone. You are heard again as soon as it is free.")
          : t("A call or another app is using the camera. You are seen again as soon as it is free."), "warn");
        picture(false);
      },
      unplugged: (instead) => {
        well();
        this.stage.notice(mic ? t("The microphone was unplugged. You are heard through another one: {device}.", { device: instead })
          : t("The camera was unplugged. You are seen through another one: {device}.", { device: instead }));
      },
      back: () => {
        well();
        this.stage.notice(mic ? t("The microphone is back: you are heard again.") : t("The camera is back: you are seen again."));
      },
      lost: (why) => {
        this.lost(device, why);
        picture(false);
      },
    });
  }
}

function described(track: MediaStreamTrack): memory.Chosen {
  return { id: track.getSettings?.().deviceId ?? "", label: track.label, facing: devices.facing(track) };
}

function state(why: devices.Trouble): "refused" | "busy" | "missing" {
  return why === "refused" || why === "busy" ? why : "missing";
}

export function troubleSentence(device: Device, why: devices.Trouble): string {
  if (why === "insecure") return t("This address is not secure, so the browser gives no camera or microphone. Open the link again as it was sent, beginning with https.");
  if (why === "unsupported") return t("This browser cannot use camera and microphone here. You can still listen and write.");
  if (device === "camera") {
    if (why === "refused") return t("The browser was not allowed to use the camera. Others hear you only. “Camera, microphone, loudspeaker” says how to allow it.");
    if (why === "busy") return t("Another app is using the camera. Close it and tap the camera again; until then others hear you only.");
    return t("No camera was found. Others hear you, that is enough.");
  }
  if (why === "refused") return t("The browser was not allowed to use the microphone. You can listen and write. “Camera, microphone, loudspeaker” says how to allow it.");
  if (why === "busy") return t("Another app is using the microphone. Close it, then tap the microphone.");
  return t("No microphone was found. You can listen and write.");
}
