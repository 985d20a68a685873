// The sheet of devices: which camera, microphone and loudspeaker are used, what is behind oneself, and how a
// device is allowed that was refused.
import type { Call } from "../room/call";
import { button, h, modal, type Children, type VNode } from "../dom";
import { able, chosenLook, LOOKS, type Look } from "../background/looks";
import { canSuppress, CHOICES, chosenNoise, type Choice } from "../noise/noise";
import { steps, thisBrowser } from "../media/allowing";
import { canChooseSpeaker, match, type Device } from "../media/devices";
import type { Kind } from "../media/memory";
import { t } from "../words";

// `own` and `rows`: one's own picture, and what the camera in use can do (./pieces, which the device check does without).
export function devicesSheet(call: Call, close: () => void, own: VNode | null, rows: Children): VNode {
  const { camera, mic, mode } = call.state.local;
  const text = mode === "text";
  const field = (kind: Kind, hint = ""): VNode => deviceField(kind, call.equipment.listed[kind], call.used(kind), (one) => void call.choose(kind, one), hint);
  return modal("devices", t("Camera, microphone, loudspeaker"), close, [
    (camera === "refused" || mic === "refused") && h("section", { class: "stack-s", key: "allowing" }, allowing()),
    h("div", { class: "stack" },
      !text && field("camera", camera === "off" ? t("Your picture is off; this camera is used when you turn it on.") : ""),
      !text && backgroundField(chosenLook(), (look) => call.equipment.setLook(look), hidden(call)),
      !text && able() === "yes" && own,
      !text && field("mic"),
      !text && canSuppress() && noiseField((choice) => void call.equipment.setNoise(choice)),
      canChooseSpeaker() && field("speaker")),
    !text && h("ul", { class: "rows" }, rows),
    h("p", { class: "meta" }, t("Kept on this device for the next time.")),
  ], [button(t("Close"), close)]);
}

function hidden(call: Call): string {
  if (call.equipment.look !== chosenLook()) return t("The back camera shows everything sharp.");
  return call.equipment.look === "none" ? "" : t("The mediator sees that it is hidden, and the record says so.");
}

// One kind to choose from. Where loudspeakers are listed without the system's own choice, that is put first.
export function deviceField(kind: Kind, found: readonly Device[], used: Device | null, choose: (one: Device) => void, hint = ""): VNode {
  const label = { camera: t("Camera"), mic: t("Microphone"), speaker: t("Loudspeaker") }[kind];
  const usual = kind === "speaker" && !found.some(({ id }) => id === "default") ? [{ id: "", label: t("What the device uses by itself") }] : [];
  const offered = [...usual, ...found];
  const now = (used && match(found, used)) ?? (kind === "speaker" ? offered[0] : undefined);
  return h("div", { class: "field", key: kind },
    h("label", { for: `device-${kind}` }, label),
    offered.length ? h("select", {
      id: `device-${kind}`, "aria-describedby": hint && `device-${kind}-hint`,
      props: { value: now?.id ?? "" },
      on: {
        change: (event) => {
          const one = offered.find(({ id }) => id === (event.target as HTMLSelectElement).value);
          if (one) choose(one);
        },
      },
    }, offered.map((one) => h("option", { key: one.id, value: one.id }, one.label)))
      : h("p", {}, t("None that this browser may use.")),
    hint && h("p", { class: "hint", id: `device-${kind}-hint` }, hint));
}

// What stands behind oneself. Where a device cannot, why not.
export function backgroundField(now: Look, choose: (look: Look) => void, hint = ""): VNode {
  const words: Record<Look, string> = { none: t("As it is"), blurred: t("Blurred"), office: t("A drawn office") };
  const ability = able();
  const about = ability === "weak" ? t("This phone is too weak to hide what is behind you: it would grow hot and your picture would stutter.")
    : ability === "no" ? t("This browser cannot hide what is behind you.") : hint;
  return h("div", { class: "field", key: "background" },
    h("label", { for: "device-background" }, t("What is behind you")),
    h("select", {
      id: "device-background", disabled: ability !== "yes", "aria-describedby": about && "device-background-hint", props: { value: now },
      on: {
        change: (event) => {
          const look = LOOKS.find((one) => one === (event.target as HTMLSelectElement).value);
          if (look) choose(look);
        },
      },
    }, LOOKS.map((look) => h("option", { key: look, value: look }, words[look]))),
    about && h("p", { class: "hint", id: "device-background-hint" }, about));
}

function noiseField(choose: (choice: Choice) => void): VNode {
  const now = chosenNoise();
  const words: Record<Choice, string> = { automatic: t("Automatic"), on: t("On"), off: t("Off") };
  const about: Record<Choice, string> = {
    automatic: t("This page takes the noise out where the browser does not."), on: t("This page takes the noise out, not the browser."),
    off: t("Everything is heard, for example the noise that a machine makes."),
  };
  return h("div", { class: "field", key: "noise" },
    h("label", { for: "device-noise" }, t("Noise suppression")),
    h("select", {
      id: "device-noise", "aria-describedby": "device-noise-hint", props: { value: now },
      on: {
        change: (event) => {
          const choice = CHOICES.find((one) => one === (event.target as HTMLSelectElement).value);
          if (choice) choose(choice);
        },
      },
    }, CHOICES.map((choice) => h("option", { key: choice, value: choice }, words[choice]))),
    h("p", { class: "hint", id: "device-noise-hint" }, about[now]));
}

export function allowing(heading: "h2" | "h3" = "h3"): Children {
  return [
    h(heading, {}, t("How to allow camera and microphone here")),
    h("ol", { class: "numbered" }, steps(thisBrowser()).map((step) => h("li", { key: step }, h("p", {}, step)))),
  ];
}
