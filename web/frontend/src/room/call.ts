// One person's part in a room: brings wire, media, devices and state together. Views only call its methods.
import { announcement, mustBeSeen } from "./announce";
import type { Aloud } from "./aloud";
import { Awake } from "./awake";
import { Chat } from "./chat";
import { voidsSigning } from "./drafting";
import { behind, watchBattery, withDevices } from "../media/condition";
import type { Look } from "../background/looks";
import * as devices from "../media/devices";
import { Equipment } from "../media/equipment";
import { Desk } from "../exhibits/desk";
import { Media, type RemoteTrack } from "../media/media";
import * as memory from "../media/memory";
import type { Page } from "../page";
import { apart, mediaWanted, myself, screenOf, sharing, stageOrder, together, watches } from "./selectors";
import { Seldom } from "./seldom";
import { Signal } from "./signal";
import { advice, because, inCommon, plea } from "./explain";
import { softened } from "../views/listening";
import { layoutOf } from "../views/stage";
import { Sound, tryVolume, volumeFixed } from "../media/sound";
import { Unheard } from "../media/unheard";
import { initial, reduce, type Action, type Local, type Sheet, type State } from "./state";
import { hourAndMinute, sentence, t } from "../words";
import { Refusal, type Asked, type Body, type ClientMessages, type Finding, type Line, type Measurement, type Mode, type Outage, type Source } from "./wire";

export class Call {
  state: State;
  remote: RemoteTrack[] = [];
  aloud: Aloud | null = null; // on a party's page
  readonly seldom: Seldom;
  private readonly signal: Signal;
  private readonly media: Media;
  private readonly sound: Sound;
  readonly equipment: Equipment;
  readonly exhibits: Desk;
  readonly chat: Chat;
  private readonly awake = new Awake();
  private readonly unheard = new Unheard(() => {
    if (this.state.notice) return false; // it waits until that was read
    this.notice(t("You are muted: nobody hears what you say. To be heard, press “Muted”."));
    return true;
  });
  pinned = ""; // the seat that this person wants large whoever speaks; for as long as the page stands
  private starting = false;
  private told: Look | null = null; // what the room knows to be behind oneself
  private arrived = false;
  private speaking = false; // the loudspeaker that was chosen is there
  doubt: ((go: boolean) => void) | null = null; // answers whether every signature may become void, while that is asked

  constructor(
    readonly page: Page,
    private readonly render: () => void,
    private readonly announce: (sentence: string) => void,
    mode: Mode,
    private readonly arriveByItself: (state: State) => boolean,
    soundPlace: HTMLElement,
  ) {
    this.state = initial(devices.canCall() ? mode : "text");
    if (!devices.canCall()) this.state.local.pictures = false;
    this.sound = new Sound(soundPlace, (soundBlocked) => {
      if (soundBlocked !== this.state.local.soundBlocked) this.local({ soundBlocked });
    });
    void tryVolume();
    this.signal = new Signal({ texts: page.texts, ...(page.session ? { session: page.session } : {}) }, {
      up: () => {
        this.arrived = false;
        this.dispatch({ type: "up" });
        // The server may have forgotten us meanwhile; `restart` finds out and joins anew when it must.
        if (this.media.active) void this.media.restart().catch(() => undefined);
      },
      down: () => this.dispatch({ type: "down", at: Date.now() }),
      trying: (attempt) => this.dispatch({ type: "trying", attempt }),
      refused: (code) => (code === "old_page" ? window.location.reload() : this.over(code)),
      gone: (code) => this.over(code),
      part: (message) => {
        this.state = reduce(this.state, { type: "part", message }); // shown with the view it belongs to
      },
      line: (line) => this.chat.came(line),
      view: (message) => {
        this.dispatch({ type: "view", message, at: Date.now() });
        this.chat.seen(message.view.lines);
        const { view } = this.state;
        if (view) {
          for (const event of message.events) {
            const said = announcement(event, view);
            if (!said) continue;
            if (mustBeSeen(event)) this.notice(said);
            else this.announce(said);
          }
        }
        this.follow();
      },
      offer: (message) => this.media.receive(message),
      mediaLost: () => void this.media.rejoin().catch(() => undefined),
      mediaFull: (id) => {
        const name = this.state.view?.seats.find((seat) => seat.id === id)?.name;
        if (name) this.notice(t("The server has no room for {name}'s sound and picture just now. They can write; it is tried again by itself.", { name }), "warn");
      },
      look: (look) => this.dispatch({ type: "look", look }),
      caption: (caption) => this.dispatch({ type: "caption", caption }),
      captionsFault: (code) => this.dispatch({ type: "captionsFault", code }),
      quality: (seat, level) => this.dispatch({ type: "quality", seat, level }),
      measured: (seat, measurement, finding, outage) => this.hear(seat, measurement, finding, outage),
      restart: (at) => this.notice(t("The system restarts once the mediations under way are over, at {time} at the latest. If you are still here then, you are reconnected automatically; what was written and recorded is kept.", { time: hourAndMinute(at) }), "warn"),
      echo: (echo) => {
        this.local({ echo });
        if (echo && !this.state.local.sound) this.announce(plea("echo"));
      },
    });
    this.media = new Media(this.signal, {
      remote: (tracks) => {
        this.remote = tracks;
        this.sound.show(tracks);
        this.render();
      },
      flowing: (ok, why) => this.local({ mediaDown: !ok, mediaFull: why === "worker_full" }),
      way: (relay) => {
        if (relay !== this.state.local.relay) this.local({ relay });
      },
      encoding: (strained) => this.equipment.spare(strained),
      // The room says what quality that makes: one rule for everybody.
      measured: (measurement) => void this.signal.ask<{ level: number }>("report_quality", { ...this.withDevices(measurement) })
        .then(({ level }) => level !== this.state.local.level && this.local({ level })).catch(() => undefined),
    });
    this.equipment = new Equipment({
      send: (source, track) => this.media.send(source, track),
      ask: (name, body) => this.ask(name, body),
      background: (look) => this.tellBackground(look),
      local: (change) => this.local(change),
      notice: (text, tone) => this.notice(text, tone),
      follow: () => this.follow(),
      unseen: () => this.keep({ camera: "off" }),
    }, page.office);
    this.exhibits = new Desk(this);
    this.seldom = new Seldom(page.later ?? [], () => this.render());
    this.chat = new Chat({
      lines: () => this.state.lines,
      view: () => this.state.view,
      add: (lines) => this.dispatch({ type: "lines", lines }),
      page: (body) => this.signal.ask<{ lines: Line[] }>("read_lines", body).then(({ lines }) => lines, () => null),
      // What the mediator writes to one person is for now: it is seen without opening the chat.
      announce: (sentence, alone) => (alone && !this.state.view?.you.mediator && this.state.sheet !== "chat" ? this.notice(sentence) : this.announce(sentence)),
    });
  }

  private withDevices(measured: Measurement): Measurement {
    const { view, local } = this.state;
    return withDevices(measured, local, (view && myself(view)?.muted) ?? true, behind());
  }

  // What is said of somebody's line is read out once, when it begins.
  private hear(id: string, measurement: Measurement, finding: Finding, outage: Outage): void {
    const { view } = this.state;
    const before = this.state.found[id] ?? "";
    const together = this.state.outage.scope;
    this.dispatch({ type: "measured", seat: id, measurement, finding, outage });
    if (view && outage.scope && outage.scope !== together) return this.announce(inCommon(view, outage));
    const seat = view?.seats.find((one) => one.id === id);
    if (seat && view && finding && finding !== before && id !== view.you.seat) this.announce(`${because(seat.name, finding)} ${advice(finding)}`);
  }

  // What the next one replaces.
  tell<Name extends Asked>(name: Name, body: ClientMessages[Name]): void {
    this.signal.tell(name, body);
  }

  used(kind: memory.Kind): memory.Chosen | null {
    return kind === "speaker" ? memory.chosen(kind) : this.equipment.used(kind);
  }

  async choose(kind: memory.Kind, to: memory.Chosen): Promise<void> {
    if (kind !== "speaker") return this.equipment.choose(kind, to);
    memory.choose(kind, to);
    await this.direct();
    this.render();
  }

  private tellBackground(background: Look): void {
    const { view } = this.state;
    const known = this.told ?? (view && myself(view)?.background);
    this.told = background;
    if (known !== background) void this.ask("set_background", { background }).then((done) => {
      if (!done) this.told = null;
    });
  }

  start(): void {
    window.addEventListener("online", () => {
      this.signal.renew(); // media follows when it is up
    });
    window.addEventListener("offline", () => {
      if (this.state.link === "up") this.dispatch({ type: "down", at: Date.now() });
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        this.signal.hurry();
        void this.sound.play();
        this.equipment.front();
        this.follow();
      }
    });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => {
      this.equipment.plugged();
      void this.direct();
      void this.sound.play(); // taking out a headset pauses what played through it
    });
    setInterval(() => this.dispatch({ type: "tick", at: Date.now() }), 500);
    if (this.state.local.mode !== "text") void devices.willAsk("microphone").then((asks) => this.local({ asks }));
    void watchBattery();
    this.signal.open();
    this.render();
  }

  dispatch(action: Action): void {
    const { spoke } = this.state;
    this.state = reduce(this.state, action);
    if (this.state.spoke !== spoke) this.look();
    this.render();
  }

  open(sheet: Sheet, about = ""): void {
    this.dispatch({ type: "sheet", sheet, about });
  }

  notice(text: string, tone: "plain" | "warn" = "plain"): void {
    this.announce(text);
    this.dispatch({ type: "notice", text, tone, at: Date.now() });
  }

  // Ask the room for something; a refusal becomes a sentence. Resolves to whether it was done. What would void signatures is
  // done after a question only.
  async ask<Name extends Asked>(name: Name, ...body: Body<Name>): Promise<boolean> {
    const { view } = this.state;
    if (view && voidsSigning(view, name, body[0]) && !(await this.mayVoid())) return false;
    this.dispatch({ type: "busy", command: name });
    try {
      await this.signal.ask(name, body[0]);
      return true;
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal("unknown");
      this.notice(sentence(refusal.code, refusal.params), "warn");
      return false;
    } finally {
      if (this.state.busy === name) this.dispatch({ type: "busy", command: "" });
    }
  }

  private mayVoid(): Promise<boolean> {
    this.doubt?.(false);
    return new Promise((answer) => {
      this.doubt = (go) => {
        this.doubt = null;
        this.render();
        answer(go);
      };
      this.render();
    });
  }

  // Ask for words only: a refusal is the asker's to deal with.
  async answer<T>(name: Asked, body: ClientMessages[Asked]): Promise<T | Refusal> {
    try {
      return await this.signal.ask<T>(name, body);
    } catch (error) {
      return error instanceof Refusal ? error : new Refusal("unknown");
    }
  }

  async toggleMic(): Promise<void> {
    if (!devices.canCall()) return this.notice(t("This browser carries neither sound nor pictures. To be heard and seen, open your link in another one."));
    const seat = this.state.view && myself(this.state.view);
    if (!seat) return;
    if (seat.muted && this.state.local.sound === "other") return this.soundFrom("");
    if (!this.equipment.hasMic || this.state.local.mic !== "ready") {
      if (await this.equipment.openMic()) await this.ask("unmute");
      return;
    }
    if (seat.muted) {
      if (await this.ask("unmute")) this.equipment.hear(true);
    } else {
      this.equipment.hear(false); // at once, whatever the network does
      if (!(await this.ask("mute", { seat: seat.id }))) this.follow();
    }
  }

  // At one table one phone's sound is enough: nothing goes in or comes out here, until it is wanted again.
  async soundFrom(sound: memory.SoundFrom): Promise<void> {
    const off = sound === "other";
    const changes = off || this.state.local.sound === "other";
    this.keep({ sound });
    this.local({ sound });
    this.sound.mute(off);
    if (changes && (this.state.view && myself(this.state.view)?.muted) !== off) await this.toggleMic();
  }

  async toggleCamera(): Promise<void> {
    if (!devices.canCall()) return this.notice(t("This browser carries neither sound nor pictures. To be heard and seen, open your link in another one."));
    if (this.equipment.own.camera && this.state.local.camera === "on") {
      this.keep({ camera: "off" });
      return this.equipment.closeCamera();
    }
    if (this.state.local.mode === "text" || !(await this.equipment.openCamera())) return;
    this.keep({ camera: "on" });
    if (!this.state.local.pictures) await this.onlySound(false);
  }

  async toggleScreen(): Promise<void> {
    await (this.equipment.own.screen ? this.equipment.closeScreen() : this.equipment.showScreen());
  }

  // Only sound, to spare a weak network: no pictures come, none are sent.
  async onlySound(only: boolean): Promise<void> {
    const sending = this.equipment.own.camera !== null;
    if (this.state.local.mode !== "text") this.keep({ wanted: !only, ...(only && sending ? { camera: "paused" } : {}) });
    this.local({ pictures: !only, looking: false });
    await this.decline();
    if (only && sending) await this.equipment.closeCamera();
    else if (!only && this.kept.camera === "paused" && !sending) await this.toggleCamera();
  }

  // Whoever has only sound is shown a document when they ask for it: it costs less than faces and may decide a case.
  async lookAtScreen(looking: boolean): Promise<void> {
    this.local({ looking });
    await this.decline();
  }

  // For a network that lets one way through and not the other; the room itself goes on.
  async tryOtherWay(): Promise<void> {
    this.notice(t("Trying another way. Sound and picture come back in a few seconds."));
    await this.media.tryOtherWay().catch(() => undefined);
  }

  hearEverybody(): void {
    void this.sound.play();
  }

  async leave(): Promise<void> {
    // The room may close the connection before it answers, and without a network one leaves all the same.
    await this.signal.ask("leave").catch(() => undefined);
    this.signal.close();
    this.over("left");
  }

  async arrive(): Promise<boolean> {
    if (this.state.link === "over") {
      // After being sent back: the same page comes again, the server says what is possible.
      window.location.reload();
      return false;
    }
    return this.ask("arrive");
  }

  // Whom the page shows large gets the better picture first; where all are alike it is who speaks.
  look(): void {
    const { view, local } = this.state;
    if (view) void this.media.look(layoutOf(view) === "grid" || !local.pictures ? "" : stageOrder(view, this.large).main?.id ?? "");
  }

  // Who is kept large by this person, as long as they are there; else who of the others spoke last.
  get large(): string {
    const { view, spoke } = this.state;
    return view && together(view).some(({ id }) => id === this.pinned) ? this.pinned : spoke;
  }

  pin(seat: string): void {
    this.pinned = seat;
    this.dispatch({ type: "tick", at: Date.now() });
    this.look();
  }

  // Whether this seat was seen when the page was last here, and wanted to see.
  private get kept(): memory.Pictures {
    return memory.pictures(this.seat);
  }

  private keep(change: Partial<memory.Pictures>): void {
    memory.keepPictures(this.seat, change);
  }

  private get seat(): string {
    const { view } = this.state;
    return view ? `${view.session.id}/${view.you.seat}` : "";
  }

  // How loud the others are played here; nobody else hears or records a difference.
  get volumes(): Readonly<Record<string, number>> {
    return memory.volumes(this.seat);
  }

  setVolume(seat: string, volume: number): void {
    memory.keepVolume(this.seat, seat, volume);
    this.sound.level(this.volumes);
    this.dispatch({ type: "tick", at: Date.now() });
  }

  // Sound comes out of what was chosen while that is plugged in, and of what the system takes while it is not.
  private async direct(): Promise<void> {
    const { speaker } = await this.equipment.list();
    const one = memory.chosen("speaker");
    if (!one || !devices.canChooseSpeaker()) return;
    const found = devices.match(speaker, one);
    const gone = this.speaking && !found && speaker.length > 0;
    this.speaking = found !== undefined;
    await this.sound.through(found?.id ?? "");
    if (gone) this.notice(t("The loudspeaker was unplugged. You hear through the one that the device uses by itself."));
  }

  private decline(): Promise<void> {
    const { pictures, looking } = this.state.local;
    return this.media.decline(new Set<Source>(pictures ? [] : looking ? ["camera"] : ["camera", "screen"]));
  }

  private local(change: Partial<Local>): void {
    this.dispatch({ type: "local", change });
  }

  private over(code: string): void {
    this.stop();
    this.dispatch({ type: "over", code });
  }

  // Bring media and devices in line with what the room says.
  private follow(): void {
    const { view } = this.state;
    if (!view) return;
    const seat = myself(view);
    const screen = screenOf(this.state);
    // Decided by the first view of a connection: whoever then leaves or is sent back does not knock again at once.
    if (!this.arrived) {
      this.arrived = true;
      if (this.arriveByItself(this.state)) void this.comeToTheDoor();
    }
    if (screen === "closed" || screen === "cancelled") {
      this.stop();
      memory.forget(this.seat);
    } else if (mediaWanted(this.state) && devices.canCall()) void this.begin();
    else if (this.media.active) this.stop();
    void this.awake.keep(mediaWanted(this.state));
    if (this.state.local.looking && !sharing(view)) void this.lookAtScreen(false);
    this.sound.soften(softened(view));
    this.equipment.hear(seat?.muted === false && screen === "room" && !apart(view)); // nobody would hear it
    const unheard = seat?.muted === true && screen === "room" && view.session.status === "live" && !apart(view) && this.state.local.sound !== "other";
    this.unheard.watch(unheard && !volumeFixed ? this.equipment.mine : null); // on an iPhone, listening on may change how loud the others are
    void this.media.rest(seat?.paused.includes("from") ?? false);
    this.look();
    if (this.equipment.own.screen && seat && !seat.screen && this.state.busy !== "set_screen") void this.equipment.closeScreen(false);
  }

  private async begin(): Promise<void> {
    if (this.media.active || this.starting) return;
    this.starting = true;
    const seat = this.state.view ? myself(this.state.view) : undefined;
    const mode = watches(seat) ? "text" : seat?.mode || this.state.local.mode;
    this.local({ mode });
    try {
      // Whoever only listens and writes is spared the data of the pictures; an observer came to see.
      const { camera, wanted, sound: from = "" } = this.kept;
      const sound = from === "other" && !seat?.muted ? "" : from;
      this.local({ sound });
      this.sound.mute(sound === "other");
      this.sound.level(this.volumes);
      if (!watches(seat) && (mode === "text" || !wanted)) await this.onlySound(true);
      const seen = camera === "on" || (camera === "paused" && wanted);
      if (!seen && seat?.camera) void this.ask("set_camera", { on: false }); // the page before this one went too soon to say so
      await this.equipment.take(mode, seen);
      void this.direct();
      await this.media.join();
    } catch (error) {
      if (error instanceof Refusal && error.code !== "offline") this.notice(sentence(error.code, error.params), "warn");
    } finally {
      this.starting = false;
      this.follow();
    }
  }

  // By itself, on opening the page. Where that is refused the page says why: nobody waits behind a locked door
  // without knowing it.
  private async comeToTheDoor(): Promise<void> {
    try {
      await this.signal.ask("arrive");
    } catch (error) {
      const code = error instanceof Refusal ? error.code : "unknown";
      if (code === "offline" || code === "timeout") return; // the next connection tries again
      this.signal.close();
      this.over(code);
    }
  }

  private stop(): void {
    this.told = null; // whoever is out of the room shows nothing there
    this.media.leave();
    this.equipment.stop();
    this.unheard.watch(null);
    void this.awake.keep(false);
  }
}
