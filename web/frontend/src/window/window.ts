// The public window: what gets better with script. Answers are kept as they are typed; photos go one by one, say how far
// they are, and try again by themselves on a bad network. Every page reads and submits without it.

const LARGEST = 10 * 1024 * 1024; // bytes, as complaints/record/uploads.py
const PAUSES = [2, 5, 10, 20, 40, 60]; // seconds between tries; then it waits for a tap

for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-keep]"))) keep(form);
for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-photos]"))) photos(form);

/** What was typed goes to the server when a field is left and when the page is: nothing is kept in the browser. */
function keep(form: HTMLFormElement): void {
  let left = false;
  for (const said of Array.from(form.querySelectorAll<HTMLElement>("[data-keeps]"))) said.hidden = false;
  const send = (): void => {
    const body = new FormData(form);
    body.set("go", "keep");
    if (navigator.sendBeacon) navigator.sendBeacon(form.action, body);
  };
  form.addEventListener("submit", () => (left = true));
  form.addEventListener("change", () => send());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !left) send();
  });
}

interface Words {
  sending: string;
  waiting: string;
  sent: string;
  again: string;
  large: string;
}

function photos(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  const list = form.querySelector<HTMLElement>("[data-list]");
  const plain = form.querySelector<HTMLElement>("[data-plain]");
  const label = form.querySelector<HTMLLabelElement>("label");
  if (!input || !list) return;
  const words = form.dataset as unknown as Words & { choose: string; done: string };
  if (plain) plain.hidden = true;
  if (label) {
    label.textContent = words.choose;
    label.className = "btn btn-big";
    label.parentElement?.classList.add("picker");
  }
  const leave = document.querySelector<HTMLElement>("[data-leave]");
  const queue: Upload[] = [];
  let busy = false;
  let sent = 0;

  input.addEventListener("change", () => {
    for (const file of Array.from(input.files ?? [])) queue.push(new Upload(form, list, file, words, () => void next()));
    input.value = "";
    void next();
  });
  window.addEventListener("online", () => {
    for (const upload of queue) upload.wake();
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });

  // One at a time: on a thin line three at once would all fail.
  async function next(): Promise<void> {
    if (busy) return;
    const upload = queue.find((one) => one.state === "waiting");
    if (!upload) {
      if (sent && queue.every((one) => one.state === "sent")) window.location.reload();
      return;
    }
    busy = true;
    if (await upload.send()) {
      sent += 1;
      if (leave) leave.textContent = words.done;
    }
    busy = false;
    void next();
  }
}

/** One file on its way. Its key is the same at every try, so that it arrives once. */
class Upload {
  state: "waiting" | "sending" | "sent" | "stopped" = "waiting";
  private readonly key = unguessable();
  private readonly bar = document.createElement("progress");
  private readonly told = document.createElement("span");
  private readonly row = document.createElement("li");
  private readonly again = document.createElement("button");
  private waking: (() => void) | null = null;

  constructor(
    private readonly form: HTMLFormElement, list: HTMLElement, private readonly file: File, private readonly words: Words,
    go: () => void,
  ) {
    this.row.className = "row";
    const main = document.createElement("span");
    main.className = "row-main";
    const name = document.createElement("span");
    name.textContent = file.name;
    this.told.className = "meta";
    this.bar.max = 100;
    this.bar.hidden = true;
    this.bar.setAttribute("aria-label", file.name);
    main.append(name, document.createElement("br"), this.told, this.bar);
    this.again.type = "button";
    this.again.className = "btn btn-quiet";
    this.again.textContent = words.again;
    this.again.hidden = true;
    this.again.addEventListener("click", () => {
      this.state = "waiting";
      this.again.hidden = true;
      go();
    });
    this.row.append(main, this.again);
    list.append(this.row);
  }

  wake(): void {
    this.waking?.();
  }

  /** True when it has arrived. */
  async send(): Promise<boolean> {
    if (this.file.size > LARGEST) return this.stop(this.words.large, false);
    this.state = "sending";
    this.bar.hidden = false;
    for (let n = 0; ; n += 1) {
      this.told.textContent = this.words.sending;
      const answer = await this.post();
      if (answer !== null) {
        if (answer.ok) return this.done();
        return this.stop(answer.text, answer.status >= 500 || answer.status === 429);
      }
      if (n >= PAUSES.length) return this.stop(this.words.waiting, true);
      this.told.textContent = this.words.waiting;
      await this.rest((PAUSES[n] ?? 60) * 1000);
    }
  }

  private rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.waking = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private done(): boolean {
    this.state = "sent";
    this.bar.hidden = true;
    this.told.textContent = this.words.sent;
    return true;
  }

  private stop(text: string, again: boolean): boolean {
    this.state = "stopped";
    this.bar.hidden = true;
    this.told.textContent = text;
    this.told.className = again ? "meta" : "danger";
    this.again.hidden = !again;
    return false;
  }

  /** Null: the network failed. */
  private post(): Promise<{ ok: boolean; status: number; text: string } | null> {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest(); // fetch does not say how far an upload is
      request.open("POST", this.form.action);
      request.setRequestHeader("Accept", "application/json");
      request.timeout = 180_000;
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) this.bar.value = Math.round((event.loaded / event.total) * 100);
      });
      request.addEventListener("load", () => {
        if (request.status === 410 || request.status === 401) return window.location.reload(); // the hour is over: the page says so
        if (request.status === 502 || request.status === 503 || request.status === 504) return resolve(null);
        resolve({ ok: request.status === 200, status: request.status, text: said(request.responseText) });
      });
      request.addEventListener("error", () => resolve(null));
      request.addEventListener("timeout", () => resolve(null));
      const body = new FormData();
      body.append("csrf", this.form.querySelector<HTMLInputElement>("input[name=csrf]")?.value ?? "");
      body.append("key", this.key);
      body.append("file", this.file, this.file.name);
      request.send(body);
    });
  }
}

function said(answer: string): string {
  try {
    const body = JSON.parse(answer) as { error?: unknown; title?: unknown };
    return typeof body.error === "string" ? body.error : typeof body.title === "string" ? body.title : "";
  } catch {
    return "";
  }
}

function unguessable(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export {};
