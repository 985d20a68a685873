import { test } from "node:test";
import assert from "node:assert/strict";
import { browserOf, steps, type Browser } from "@/media/allowing";
import * as sound from "@/media/sound";
import { Speech } from "@/media/unheard";
import { camera, facing, hasTorch, light, match, otherSide } from "@/media/devices";

type Track = MediaStreamTrack;
const track = (label: string, facingMode?: string, deviceId = label): Track => ({ label, getSettings: () => ({ facingMode, deviceId }) }) as unknown as Track;
const named = (...labels: string[]) => labels.map((label) => ({ id: label, label }));

test("the side a camera faces is what it says, else what its name says, in both languages", () => {
  assert.equal(facing(track("camera 1", "environment")), "environment");
  assert.equal(facing(track("camera2 0, facing back")), "environment");
  assert.equal(facing(track("后置相机")), "environment");
  assert.equal(facing(track("前置相机")), "user");
  assert.equal(facing(track("FaceTime HD Camera")), "");
  assert.equal(facing(track("Back Triple Camera")), "environment");
  assert.equal(facing(track("back_camera_0")), "environment");
  assert.equal(facing(track("RearCam")), "environment");
  assert.equal(facing(track("FrontCamera")), "user");
  assert.equal(facing(null), "");
});

test("a word in which another word stands says nothing of a side", () => {
  for (const label of ["Playback Capture", "Logitech Backlight Pro", "Feedback Cam", "Background Studio", "Rearden 4K", "Confront HD", "Frontier Cam"]) {
    assert.equal(facing(track(label)), "", label);
  }
});

test("a phone's camera is turned round by side, whichever of three lenses that is", () => {
  const three = named("camera2 1, facing front", "camera2 2, facing back", "camera2 0, facing back");
  assert.deepEqual(otherSide(three, track("camera2 1, facing front")), { id: "", label: "", facing: "environment" });
  assert.deepEqual(otherSide(three, track("camera2 0, facing back")), { id: "", label: "", facing: "user" });
});

test("cameras that do not say which side they face take turns", () => {
  const two = named("one", "two");
  assert.equal(otherSide(two, track("one"))?.id, "two");
  assert.equal(otherSide(two, track("two"))?.id, "one");
});

test("one camera has no other side", () => {
  assert.equal(otherSide(named("camera2 1, facing front"), track("camera2 1, facing front")), null);
});

test("what was chosen is found by its id, and by its name when the browser calls it differently now", () => {
  assert.equal(match([{ id: "a", label: "Lens" }], { id: "a", label: "" })?.label, "Lens");
  assert.equal(match([{ id: "b", label: "Lens" }], { id: "a", label: "Lens" })?.id, "b");
  assert.equal(match([{ id: "b", label: "Lens" }], { id: "", label: "" }), undefined);
});

test("a torch is there when the camera says so, and turning it says whether it was done", async () => {
  const asked: unknown[] = [];
  const lamp = (works: boolean) => ({
    getCapabilities: () => ({ torch: true }),
    applyConstraints: async (wanted: unknown) => (works ? void asked.push(wanted) : Promise.reject(new Error("hot"))),
  }) as unknown as Track;
  assert.equal(hasTorch(lamp(true)), true);
  assert.equal(hasTorch({ getCapabilities: () => ({}) } as unknown as Track), false);
  assert.equal(hasTorch(track("of a browser that does not say")), false);
  assert.equal(await light(lamp(true), true), true);
  assert.deepEqual(asked, [{ advanced: [{ torch: true }] }]);
  assert.equal(await light(lamp(false), true), false);
});

const ANDROID = "Mozilla/5.0 (Linux; Android 14; LYA-AL00) AppleWebKit/537.36 (KHTML, like Gecko)";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15";
const AGENTS: [Browser, string, number, RegExp][] = [
  ["ios", `${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`, 5, /Website Settings/],
  ["ios", MAC, 5, /Website Settings/], // an iPad
  ["ios-app", `${IPHONE} CriOS/126.0.0.0 Mobile/15E148 Safari/604.1`, 5, /list of apps/],
  ["mac", MAC, 0, /menu bar/],
  ["android", `${ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36`, 5, /left of the address, then “Permissions”/],
  ["chrome", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", 0, /left of the address/],
  ["chrome", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", 0, /left of the address/],
  ["firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", 0, /crossed-out/],
  ["wechat", `${ANDROID} Version/4.0 Chrome/116.0 MQQBrowser/6.2 TBS/046 Mobile Safari/537.36 MicroMessenger/8.0.49`, 5, /WeChat.*Open in browser/],
  ["wechat", `${IPHONE} Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI`, 5, /WeChat.*Open in browser/],
  ["qq", `${ANDROID} Version/4.0 Chrome/109.0 MQQBrowser/15.0 Mobile Safari/537.36`, 5, /QQ Browser/],
  ["qq", `${ANDROID} Version/4.0 Chrome/109.0 Mobile Safari/537.36 QQ/9.0.56`, 5, /QQ Browser/],
  ["uc", `${ANDROID} Version/4.0 Chrome/100.0 UCBrowser/16.5.0 Mobile Safari/537.36`, 5, /UC Browser/],
  ["xiaomi", `${ANDROID} Version/4.0 Chrome/112.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.1`, 5, /Mi Browser/],
  ["huawei", `${ANDROID} Chrome/114.0 HuaweiBrowser/15.0.4 Mobile Safari/537.36`, 5, /HUAWEI Browser/],
  ["huawei", "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1 Mobile", 5, /HUAWEI Browser/],
  ["other", "Mozilla/5.0 (compatible)", 0, /lock or a camera/],
];

test("each browser is known by what it says of itself, and is told its own way to allow what was refused", () => {
  for (const [browser, agent, touches, way] of AGENTS) {
    assert.equal(browserOf(agent, touches), browser, agent);
    const told = steps(browser);
    assert.ok(way.test(told.join(" ")), `${browser}: ${told.join(" ")}`);
    assert.ok(told.length >= 3 && told[told.length - 1]!.includes("reload it"));
  }
});

test("what was chosen is asked for as a condition while it is there, and as a wish while it is not", async () => {
  const asked: MediaTrackConstraints[] = [];
  const kept: Record<string, string> = { "device camera": JSON.stringify({ id: "b", label: "Lens" }) };
  const there = { now: [{ kind: "videoinput", deviceId: "c", label: "Lens" }] };
  const mediaDevices = {
    enumerateDevices: async () => there.now,
    getUserMedia: async ({ video }: { video: MediaTrackConstraints }) => {
      asked.push(video);
      return { getVideoTracks: () => [track("Lens")] };
    },
  };
  Object.assign(globalThis, { window: { isSecureContext: true, localStorage: { getItem: (name: string) => kept[name] ?? null } } });
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices }, configurable: true });
  await camera();
  there.now = [];
  await camera();
  kept["device camera"] = JSON.stringify({ id: "", label: "", facing: "environment" });
  await camera();
  delete kept["device camera"];
  await camera();
  assert.deepEqual(asked.map(({ deviceId, facingMode }) => deviceId ?? facingMode), [{ exact: "c" }, { ideal: "b" }, { exact: "environment" }, "user"]);
});

test("a volume that goes back to full by itself is an iPhone's", async () => {
  let volume = 1;
  const phone = { get volume() { return volume; }, set volume(to: number) { volume = to; queueMicrotask(() => { volume = 1; }); } };
  await sound.tryVolume(phone);
  assert.equal(sound.volumeFixed, true);
  await sound.tryVolume({ volume: 1 });
  assert.equal(sound.volumeFixed, false);
});

test("a cough is no speech, a sentence with its pauses is", () => {
  const cough = new Speech();
  assert.ok(![0.3, 0.2, 0.1, 0, 0, 0, 0.2, 0, 0, 0, 0, 0].some((level) => cough.goesOn(level)));
  const room = new Speech();
  assert.ok(!Array.from({ length: 50 }, () => 0.01).some((level) => room.goesOn(level)));
  const sentence = new Speech();
  const said = [0.1, 0.08, 0, 0.1, 0.05, 0.1, 0.04, 0, 0.1].map((level) => sentence.goesOn(level));
  assert.deepEqual(said, [...Array<boolean>(8).fill(false), true]);
});
