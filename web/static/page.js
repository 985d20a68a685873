// What every page does with script; all of it reads and submits without.
const all = (css, root = document) => [...root.querySelectorAll(css)];

// Tabs: plain links to stacked sections, upgraded to the ARIA pattern (arrow keys, Home, End).
for (const list of all(".tabs[data-tabs]")) {
  const tabs = all("a", list);
  const panelOf = (tab) => document.getElementById(tab.hash.slice(1));
  const show = (tab, focus) => {
    for (const t of tabs) {
      t.setAttribute("aria-selected", String(t === tab));
      t.tabIndex = t === tab ? 0 : -1;
      panelOf(t).hidden = t !== tab;
    }
    if (focus) tab.focus();
  };
  list.setAttribute("role", "tablist");
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    tab.removeAttribute("aria-current");
    tab.setAttribute("aria-controls", panelOf(tab).id);
    panelOf(tab).setAttribute("role", "tabpanel");
    tab.addEventListener("click", (e) => { e.preventDefault(); show(tab); });
    tab.addEventListener("keydown", (e) => {
      const i = tabs.indexOf(tab);
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[e.key];
      if (to !== undefined) { e.preventDefault(); show(tabs[(to + tabs.length) % tabs.length], true); }
      if (e.key === " ") { e.preventDefault(); show(tab); }
    });
  }
  show(tabs.find((t) => t.hash === location.hash) ?? tabs[0]);
}

// The navigation's headings: closed by Esc, by a press elsewhere, and when the focus goes on.
const headings = all(".nav-group");
const shut = (but) => { for (const one of headings) if (one.open && !one.contains(but)) one.open = false; };
for (const one of headings) {
  one.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !one.open) return;
    one.open = false;
    one.querySelector("summary").focus();
  });
  one.addEventListener("focusout", (e) => { if (e.relatedTarget) shut(e.relatedTarget); });
}
if (headings.length) document.addEventListener("pointerdown", (e) => shut(e.target));

// Dialogs: the browser's own, modal, Esc closes, focus returns to the button.
// Heard at the document, as copying below: parts of a page are drawn anew while it is open.
document.addEventListener("click", (e) => {
  const opener = e.target.closest("[data-open]");
  if (opener) { e.preventDefault(); document.getElementById(opener.dataset.open).showModal(); }
  const closer = e.target.closest("[data-close]");
  if (closer) closer.closest("dialog").close();
});

// Choice cards: the card follows its radio; a choice may reveal the fields that only it needs.
const followChoices = () => {
  for (const input of all(".choice input")) {
    input.closest(".choice").classList.toggle("choice-on", input.checked);
    if (input.dataset.reveal) document.getElementById(input.dataset.reveal).hidden = !input.checked;
  }
};
document.addEventListener("change", followChoices);
followChoices();

// Large type without leaving the page; the server keeps the choice in a cookie.
for (const form of all("form[data-large]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const large = document.documentElement.dataset.type !== "large";
    const sent = new FormData(form);
    sent.set("type", large ? "large" : "normal");
    fetch(form.action, { method: "POST", body: sent, redirect: "manual" }).catch(() => {});
    document.documentElement.dataset.type = large ? "large" : "";
    button.setAttribute("aria-pressed", String(large));
    button.value = large ? "normal" : "large";
  });
}

// Copying an address: the button says that it is done.
document.addEventListener("click", async (e) => {
  const b = e.target.closest("[data-copy]");
  if (!b) return;
  try { await navigator.clipboard.writeText(b.dataset.copy); } catch { return copyByHand(b.dataset.copy, b); }
  said(b);
});
// Old WebViews and plain http have no clipboard object.
function copyByHand(text, button) {
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  document.body.append(field);
  field.select();
  if (document.execCommand("copy")) said(button);
  field.remove();
}
function said(button) {
  const place = button.querySelector("[data-said]");
  if (place && button.dataset.said) place.textContent = button.dataset.said;
}

// A button that may be pressed again after some seconds counts them down.
for (const b of all("button[data-wait]")) {
  const left = b.querySelector("[data-left]");
  const ready = b.querySelector("[data-ready]");
  const until = Date.now() + Number(b.dataset.wait) * 1000;
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    b.disabled = seconds > 0;
    if (left) left.hidden = seconds <= 0;
    if (ready) ready.hidden = seconds > 0;
    const number = left?.querySelector(".num");
    if (number) number.textContent = String(Math.max(0, seconds));
    if (seconds > 0) setTimeout(tick, 250);
  };
  tick();
}

// What ends by itself says so two minutes before, and again when it has ended; more time is asked for where there is some.
for (const place of all("[data-ends]")) {
  const key = `yuntiao-ends-${place.dataset.name}`;
  const lasts = Number(place.dataset.ends) * 1000;
  const begin = () => { ends = Date.now() + lasts; try { sessionStorage.setItem(key, String(ends)); } catch { /* a private window */ } };
  const kept = () => { try { return Number(sessionStorage.getItem(key)) || 0; } catch { return 0; } };
  let ends = kept();
  let timer;
  const look = () => {
    clearTimeout(timer);
    const left = ends - Date.now();
    if (!ends) return;
    place.hidden = left > 120000;
    const before = place.querySelector("[data-before]"), after = place.querySelector("[data-after]");
    if (before) before.hidden = left <= 0;
    if (after) after.hidden = left > 0;
    if (left > 0) timer = setTimeout(look, Math.min(left > 120000 ? left - 120000 : left, 2 ** 30) + 50);
  };
  if (place.hasAttribute("data-fresh")) begin();
  look();
  // A page that was asleep finds out when it is looked at again.
  document.addEventListener("visibilitychange", look);
  place.querySelector("[data-more]")?.addEventListener("click", async () => {
    const answer = await fetch(place.dataset.alive, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) { begin(); look(); }
  });
}

// Every key of ours can be turned off, all by one switch; letters need Alt besides (WCAG 2.1.4): shortcuts.ts has both too.
const SHORTCUTS = "yuntiao-single-keys";
const kept = (value) => {
  try {
    if (value !== undefined) localStorage.setItem(SHORTCUTS, value);
    return localStorage.getItem(SHORTCUTS);
  } catch { return null; } // a private window
};
if (kept() === "off") {
  for (const one of all("[accesskey]")) one.removeAttribute("accesskey");
  for (const line of all("[data-accesskeys]")) line.hidden = true;
}

// A function key presses the button that names it (no letter: WCAG 2.1.4); not while a dialog is open.
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.altKey || e.metaKey || e.shiftKey || e.repeat || kept() === "off" || document.querySelector("dialog[open]")) return;
  const button = all("button[data-key]").find((b) => b.dataset.key === e.key && !b.disabled);
  if (button) { e.preventDefault(); button.click(); }
});

// Help: the place of the manual that belongs to this page is laid over it, so that nothing typed and no call is lost.
const help = async () => {
  const href = document.querySelector("link[rel=help]")?.href;
  if (!href || document.querySelector("dialog[open]")) return;
  const place = new URL(href);
  place.searchParams.set("part", place.hash.slice(1));
  const answer = await fetch(place, { headers: { Accept: "text/html" } }).catch(() => null);
  const read = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("dialog");
  if (!read) { window.open(href, "_blank", "noopener"); return; }
  if (document.querySelector("dialog[open]")) return;
  const dialog = document.adoptNode(read);
  dialog.removeAttribute("open");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};
document.addEventListener("click", (e) => {
  if (e.ctrlKey || e.metaKey || e.shiftKey || !e.target.closest("[data-help]")) return;
  e.preventDefault();
  help();
});
document.addEventListener("keydown", (e) => {
  if (!e.altKey || (e.key.toLowerCase() !== "h" && e.code !== "KeyH") || e.ctrlKey || e.metaKey || e.isComposing || e.repeat || kept() === "off") return;
  if (e.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  e.preventDefault();
  help();
});
for (const place of all("[data-single-keys]")) {
  const box = place.querySelector("input");
  place.hidden = false;
  box.checked = kept() !== "off";
  box.addEventListener("change", () => kept(box.checked ? "on" : "off"));
}
for (const b of all("[data-print]")) b.addEventListener("click", () => window.print());

// A browser without WebRTC learns it before its link is used up by a code.
const needy = document.querySelector("[data-needs-webrtc]");
const calls = "RTCPeerConnection" in window && (!needy?.hasAttribute("data-in-app") || navigator.mediaDevices?.getUserMedia);
if (needy && !calls && !new URLSearchParams(location.search).has("here")) location.replace(needy.dataset.needsWebrtc);

// The address that is good elsewhere is this page's own: "open in browser" of the app around it takes that one along.
const elsewhere = document.querySelector("[data-address]");
if (elsewhere) history.replaceState(null, "", ((at) => at.pathname + at.hash)(new URL(elsewhere.dataset.address)));

// What it brought along behind "#" was sent to nobody, and leaves the address bar before anything else is asked for.
const brought = document.querySelector("[data-brought] [name=token]");
if (brought && location.hash.length > 1) {
  brought.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  for (const one of all("[data-brought]")) one.hidden = !one.hidden;
}

// A field whose list is too long to send along: what fits is asked for while somebody types.
for (const input of all("input[data-suggest]")) {
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`).catch(() => null);
      if (!answer?.ok) return;
      const found = await answer.json();
      input.list.replaceChildren(...found.map(([code, whole]) => Object.assign(document.createElement("option"), { value: whole, textContent: code })));
    }, 200);
  });
}

// Somebody else has to do something first: once it is done, the page has what `data-until` names, and is shown anew.
for (const place of all("[data-until]")) {
  const look = async () => {
    const answer = document.hidden ? null : await fetch(location.href, { cache: "no-store" }).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page && (answer.redirected || page.querySelector(place.dataset.until))) location.reload();
    else setTimeout(look, 4000);
  };
  setTimeout(look, 4000);
}
