// The way in by a link: what the browser can do, and what the link brought along.
import { all } from "./all";

// A browser without WebRTC learns it before its link is used up by a code.
const needy = document.querySelector<HTMLElement>("[data-needs-webrtc]");
if (needy) {
  const devices: MediaDevices | undefined = navigator.mediaDevices; // none in a page without TLS
  const calls = "RTCPeerConnection" in window && (!needy.hasAttribute("data-in-app") || devices?.getUserMedia);
  if (!calls && !new URLSearchParams(location.search).has("here")) location.replace(needy.dataset.needsWebrtc ?? "");
}

// The address that is good elsewhere is this page's own: "open in browser" of the app around it takes that one along.
const elsewhere = document.querySelector<HTMLElement>("[data-address]");
if (elsewhere) {
  const address = new URL(elsewhere.dataset.address ?? "");
  history.replaceState(null, "", address.pathname + address.hash);
}

// What it brought along behind "#" was sent to nobody, and leaves the address bar before anything else is asked for.
const brought = document.querySelector<HTMLInputElement>("[data-brought] [name=token]");
if (brought && location.hash.length > 1) {
  brought.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  for (const place of all("[data-brought]")) place.hidden = !place.hidden;
}
