// The desk and the record: what gets better with script. Every page reads and submits without it.

interface Progress {
  state: string;
  progress: number;
  text: string;
}

// Long work: real progress, and the page as it should be once it is done.
for (const place of Array.from(document.querySelectorAll<HTMLElement>("[data-poll]"))) {
  void follow(place, place.dataset.poll ?? "");
}

async function follow(place: HTMLElement, address: string): Promise<void> {
  const text = place.querySelector<HTMLElement>("[data-poll-text]");
  const bar = place.querySelector<HTMLProgressElement>("[data-poll-progress]");
  for (let pause = 1000; ; pause = Math.min(5000, pause * 1.3)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden) continue;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.status === 401 || answer.status === 403 || answer.redirected) return; // signed out meanwhile
      if (!answer.ok) continue;
      const now = (await answer.json()) as Progress;
      if (bar) bar.value = now.progress;
      // Said aloud only when it changes: a live region must not repeat itself.
      if (text && text.textContent !== now.text) text.textContent = now.text;
      if (now.state !== "queued" && now.state !== "composing") {
        window.location.reload();
        return;
      }
    } catch {
      // The network is gone just now: ask again later.
    }
  }
}

export {};
