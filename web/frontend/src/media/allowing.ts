// How somebody allows camera and microphone after having refused them: each browser has it elsewhere. No DOM.
import { t } from "../words";

export type Browser =
  | "wechat" | "qq" | "uc" | "xiaomi" | "huawei" | "ios-app" | "ios" | "mac" | "firefox" | "android" | "chrome" | "other";

// The first that fits counts: WeChat names QQ's browser too, and nearly all name Chrome and Safari. An iPad says it is a Mac,
// but has a screen to touch.
export function browserOf(agent: string, touches: number): Browser {
  const apple = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touches > 1);
  if (/MicroMessenger|wxwork/i.test(agent)) return "wechat";
  if (/QQBrowser|\bQQ\//i.test(agent)) return "qq";
  if (/UCBrowser|UBrowser|UCWEB/i.test(agent)) return "uc";
  if (/MiuiBrowser/i.test(agent)) return "xiaomi";
  if (/HuaweiBrowser|ArkWeb|HBPC/i.test(agent)) return "huawei";
  if (apple) return /CriOS|EdgiOS|FxiOS/.test(agent) ? "ios-app" : "ios";
  if (/Firefox/.test(agent)) return "firefox";
  if (/Android/.test(agent)) return "android";
  if (/Chrome|Chromium|Edg/.test(agent)) return "chrome";
  return /Macintosh.*Safari/.test(agent) ? "mac" : "other";
}

export function thisBrowser(): Browser {
  return browserOf(navigator.userAgent, navigator.maxTouchPoints ?? 0);
}

// What to do, step by step; the last is always to try again.
export function steps(browser: Browser): string[] {
  return [...leading(browser), t("Come back to this page and reload it.")];
}

function leading(browser: Browser): string[] {
  switch (browser) {
    case "ios": return [
      t("In Safari, tap the sign at the left of the address (“AA”, or a page with lines) and choose “Website Settings”."),
      t("Set “Camera” and “Microphone” to “Allow”."),
    ];
    case "ios-app": return [
      t("Open the phone’s “Settings” and choose this browser in the list of apps."),
      t("Switch “Camera” and “Microphone” on."),
    ];
    case "mac": return [
      t("In the menu bar choose “Safari”, then “Settings for This Website …”."),
      t("Set “Camera” and “Microphone” to “Allow”."),
    ];
    case "android": return [
      t("Tap the sign at the left of the address, then “Permissions”."),
      t("Switch “Camera” and “Microphone” on."),
    ];
    case "chrome": return [
      t("Click the sign at the left of the address."),
      t("Switch “Camera” and “Microphone” on."),
    ];
    case "firefox": return [
      t("Press the crossed-out camera or microphone at the left of the address."),
      t("Remove the entries that say “Blocked”, with the cross behind them."),
    ];
    case "wechat": return [...ofTheSystem(t("WeChat")), t("If that does not help, tap the three dots at the top right and choose “Open in browser”.")];
    case "huawei": return ofTheSystem(t("HUAWEI Browser"));
    case "xiaomi": return ofTheSystem(t("Mi Browser"));
    case "uc": return [...ofTheSystem(t("UC Browser")), other()];
    case "qq": return [...ofTheSystem(t("QQ or QQ Browser")), other()];
    default: return [t("Look for a lock or a camera beside the address and allow “Camera” and “Microphone” there."), other()];
  }
}

// Browsers made for the phones of one country leave it to the system.
function ofTheSystem(app: string): string[] {
  return [
    t("Open the phone’s “Settings”, then “Apps”, and look for “{app}”.", { app }),
    t("Under “Permissions” allow “Camera” and “Microphone” (also called “Recording”)."),
  ];
}

function other(): string {
  return t("If that does not help, copy the link of your message into the browser that came with the phone.");
}
