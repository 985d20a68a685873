// The player of a record: one video element that plays the composed recording or one person's pieces in turn, with a
// clock of its own that runs through what is missing. Owns everything inside #player.
import { clamp, cuesAt, isWriting, mmss, phaseAt, SEAM, spot, why, type Recording, type Spot, type Strand } from "./reel";
import { fullScreen } from "../room/full_screen";
import { t } from "../words";

const FRAME = 1 / 25;
const STEP = 5;
const TICK_MS = 100;
const H264 = 'video/mp4; codecs="avc1.42E01E"'; // Firefox has it from the system, on Linux with libavcodec only

export class Player {
  at = 0;
  private who = "";
  private playing = false;
  private speed = 1;
  private captions = true;
  private here: Spot | null = null; // of a person's own recording
  private loaded = ""; // the address that the video shows
  private bad = ""; // the last one that it could not
  private ticking = 0;
  private ticked = 0;
  private told = "";
  private readonly film = element<HTMLVideoElement>("film");
  private readonly card = element("card");
  private readonly chip = element("chip");
  private readonly said = element("said");
  private readonly play_ = element<HTMLButtonElement>("play");
  private readonly clock = element("clock");
  private readonly when = element("when");
  private readonly scrub = element<HTMLInputElement>("scrub");
  private readonly speeds = element<HTMLSelectElement>("speed");
  private readonly captions_ = element<HTMLButtonElement>("captions");
  private readonly whole_ = element<HTMLButtonElement>("whole");
  private readonly box = element("player");
  private readonly view = this.box.querySelector(".player-view") as HTMLElement;
  private readonly go = this.card.querySelector("button") as HTMLButtonElement;
  private readonly origin: number;

  constructor(
    private readonly recording: Recording,
    private readonly timeOfDay: (at: number) => string,
    private readonly moved: (at: number) => void,
  ) {
    this.origin = Date.parse(recording.origin);
    this.film.controls = false;
    for (const track of Array.from(this.film.querySelectorAll("track"))) track.remove(); // drawn here, also in full screen
    element("bar").hidden = false;
    this.card.setAttribute("role", "status");
    this.listen();
    this.pace(); // a page may begin faster
  }

  private get strand(): Strand | null {
    return this.recording.strands.find((one) => one.who === this.who) ?? null;
  }

  // Whose recording is shown; the moment and the speed stay.
  show(who: string, at = this.at): void {
    this.who = this.recording.film || who ? who : this.recording.strands.find((one) => one.pieces.length)?.who ?? "";
    for (const link of Array.from(document.querySelectorAll("[data-who]"))) {
      if (link.getAttribute("data-who") === this.who) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const name = this.strand?.name;
    this.film.setAttribute(
      "aria-label", name === undefined ? t("Recording of everybody together") : t("Recording of {name}", { name }),
    );
    this.seek(at);
  }

  seek(at: number): void {
    this.at = clamp(at, this.recording.seconds);
    this.settle();
    this.paint();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.at >= this.recording.seconds - 0.05) this.at = 0;
    if (this.broken) this.loaded = ""; // tried anew
    this.playing = true;
    this.settle();
    this.tick(this.playing);
    this.paint();
  }

  pause(): void {
    this.halt();
    this.paint();
  }

  // One picture on or back, standing still.
  frame(way: -1 | 1): void {
    this.pause();
    this.seek(this.at + way * FRAME);
  }

  faster(way: -1 | 1): void {
    const place = clamp(this.speeds.selectedIndex + way, this.speeds.options.length - 1);
    this.speeds.selectedIndex = place;
    this.pace();
  }

  caption(): void {
    this.captions = !this.captions;
    this.captions_.setAttribute("aria-pressed", String(this.captions));
    this.paint();
  }

  // The whole box goes, not the video alone: what is written over the picture stays there.
  whole(): void {
    if (fullScreen.shown()) fullScreen.leave();
    else fullScreen.enter(this.box);
  }

  private listen(): void {
    this.play_.addEventListener("click", () => this.toggle());
    this.view.addEventListener("click", (event) => {
      if (!(event.target as Element).closest("button")) this.toggle();
    });
    this.scrub.addEventListener("input", () => this.seek(Number(this.scrub.value)));
    this.scrub.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!way) return;
      event.preventDefault(); // its own steps are those of a finger
      this.seek(this.at + way * STEP);
    });
    this.speeds.addEventListener("change", () => this.pace());
    this.captions_.addEventListener("click", () => this.caption());
    this.whole_.hidden = !fullScreen.possible();
    this.whole_.addEventListener("click", () => this.whole());
    this.go.addEventListener("click", () => this.here?.kind === "gap" && this.seek(this.here.until));
    for (const name of ["fullscreenchange", "webkitfullscreenchange"]) {
      document.addEventListener(name, () => {
        this.whole_.setAttribute("aria-label", fullScreen.shown() ? t("Leave full screen") : t("Full screen"));
      });
    }
    this.film.addEventListener("loadedmetadata", () => this.settle());
    this.film.addEventListener("timeupdate", () => this.follow());
    this.film.addEventListener("ended", () => this.ended());
    // Also by others than this page: a key of the keyboard, a headset, the browser's own menu.
    this.film.addEventListener("play", () => !this.playing && !this.film.paused && this.play());
    this.film.addEventListener("pause", () => this.stopped() && this.pause());
    this.film.addEventListener("error", () => {
      if (!this.loaded) return;
      this.bad = this.loaded;
      this.pause();
    });
    this.keys();
  }

  // Keys for media mean this player, which also passes through what no video shows.
  private keys(): void {
    const keys: [MediaSessionAction, () => void][] = [
      ["play", () => this.play()],
      ["pause", () => this.pause()],
      ["seekbackward", () => this.seek(this.at - STEP)],
      ["seekforward", () => this.seek(this.at + STEP)],
    ];
    for (const [key, does] of keys) navigator.mediaSession?.setActionHandler(key, does);
  }

  // While it should be playing something that is there, and has not come to its end.
  private stopped(): boolean {
    const { film, here } = this;
    return this.playing && film.paused && !film.ended && here?.kind !== "gap" && film.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  private pace(): void {
    this.speed = Number(this.speeds.value) || 1;
    this.film.defaultPlaybackRate = this.film.playbackRate = this.speed;
  }

  // Make the video show what belongs to this moment.
  private settle(): void {
    const strand = this.strand;
    this.here = strand ? spot(strand, this.at, this.recording.seconds) : null;
    if (this.here?.kind === "gap") {
      this.film.pause();
      return;
    }
    const src = this.here ? this.here.src : this.recording.film;
    const offset = this.here ? Math.max(0, this.at - this.here.start) : this.at;
    if (this.loaded !== src) {
      this.loaded = src;
      this.bad = "";
      this.film.src = src;
      this.film.load();
      this.pace();
      return; // goes on when its head is there
    }
    if (this.bad === src) return this.halt();
    if (this.film.readyState < HTMLMediaElement.HAVE_METADATA) return;
    if (Math.abs(this.film.currentTime - offset) > 0.02) this.film.currentTime = offset;
    if (this.playing && this.film.paused) void this.film.play().catch((fault: Error) => this.refused(fault));
  }

  // An AbortError only says that something else was asked for meanwhile.
  private refused(fault: Error): void {
    if (fault.name !== "AbortError") this.pause();
  }

  private follow(): void {
    if (this.here?.kind === "gap" || this.film.seeking || this.film.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    if (!this.playing) return;
    const start = this.here ? this.here.start : 0;
    this.at = clamp(start + this.film.currentTime, this.recording.seconds);
    this.paint();
  }

  private ended(): void {
    if (!this.playing) return;
    if (!this.here) return this.end();
    if (this.here.kind === "piece") this.on(this.here.end);
  }

  // To what comes next: the following piece, or what is missing before it.
  private on(at: number): void {
    if (at >= this.recording.seconds - SEAM) return this.end();
    this.at = clamp(at, this.recording.seconds);
    this.settle();
    this.paint();
  }

  private end(): void {
    this.at = this.recording.seconds;
    this.pause();
  }

  private halt(): void {
    this.playing = false;
    this.film.pause();
    this.tick(false);
  }

  // What the video should show now is what it could not play.
  private get broken(): boolean {
    return this.bad !== "" && this.bad === this.loaded && this.here?.kind !== "gap";
  }

  private tellBroken(): void {
    if (!this.who && !this.film.canPlayType(H264)) {
      this.tell(
        t("This browser cannot play the video of everybody together"),
        t("It has no H.264. Each person’s own recording plays here; the video plays in other browsers."), "",
      );
    } else this.tell(t("This piece cannot be played"), t("The file is missing, damaged, or its key was destroyed."), "");
  }

  // A clock of our own: time passes also where nothing was recorded, and the cursor moves between two timeupdates.
  private tick(on: boolean): void {
    window.clearInterval(this.ticking);
    if (!on) return;
    this.ticked = performance.now();
    this.ticking = window.setInterval(() => {
      const now = performance.now(), passed = ((now - this.ticked) / 1000) * this.speed;
      this.ticked = now;
      if (this.here?.kind !== "gap") return this.follow();
      const at = this.at + passed;
      if (at >= this.here.until) this.here.last ? this.end() : this.on(this.here.until);
      else {
        this.at = at;
        this.here.why = this.strand ? why(this.strand, at) || this.here.why : "";
        this.paint();
      }
    }, TICK_MS);
  }

  private paint(): void {
    const { at, recording } = this;
    this.clock.textContent = mmss(at);
    if (document.activeElement !== this.scrub || Math.abs(Number(this.scrub.value) - at) > 0.5) this.scrub.value = String(at);
    const phase = phaseAt(recording.phases, at), clock = this.timeOfDay(this.origin + at * 1000);
    this.when.textContent = phase ? `${phase} · ${clock}` : clock;
    this.scrub.setAttribute("aria-valuetext", `${mmss(at)} ${phase}`);
    if ((this.play_.dataset.on === "true") !== this.playing) this.button();
    const words = this.captions ? cuesAt(recording.cues, at).join("\n") : "";
    if (this.said.textContent !== words) this.said.textContent = words;
    this.said.hidden = !words;
    this.standIn();
    this.moved(at);
  }

  private button(): void {
    this.play_.dataset.on = String(this.playing);
    this.play_.setAttribute("aria-label", this.playing ? t("Pause") : t("Play"));
    const use = this.play_.querySelector("use");
    const sprite = use?.getAttribute("href")?.split("#")[0];
    use?.setAttribute("href", `${sprite ?? ""}#${this.playing ? "pause" : "play"}`);
  }

  // The card in the place of what is not there, and the word beside what is only half there.
  private standIn(): void {
    const strand = this.strand, here = this.here;
    if (this.broken) {
      this.card.hidden = false;
      this.chip.hidden = true;
      this.tellBroken();
      return;
    }
    if (!strand || !here) {
      this.card.hidden = this.chip.hidden = true;
      this.told = "";
      return;
    }
    if (here.kind === "gap") {
      const until = here.last ? "" : this.timeOfDay(this.origin + here.until * 1000);
      if (isWriting(strand, this.at)) this.tell(t("What {name} said and showed here is still being written", { name: strand.name }), "", until);
      else this.tell(t("Nothing of {name} was recorded here", { name: strand.name }), here.why, until);
    } else if (!here.picture) {
      this.tell(t("Sound only: {name}", { name: strand.name }), why(strand, this.at, "camera"), "");
    }
    this.card.hidden = here.kind === "piece" && here.picture;
    if (this.card.hidden) this.told = "";
    const silent = here.kind === "piece" ? why(strand, this.at, "mic") : "";
    const word = silent ? t("No sound: {why}", { why: silent }) : "";
    if (this.chip.textContent !== word) this.chip.textContent = word;
    this.chip.hidden = !word;
  }

  // Said aloud only when it changes: a live region must not repeat itself.
  private tell(title: string, reason: string, until: string): void {
    const told = [title, reason, until].join("\n");
    if (told === this.told) return;
    this.told = told;
    (this.card.querySelector("b") as HTMLElement).textContent = title;
    (this.card.querySelector("p") as HTMLElement).textContent = reason;
    this.go.hidden = !until;
    this.go.textContent = until ? t("Go on at {time}", { time: until }) : "";
  }
}

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
