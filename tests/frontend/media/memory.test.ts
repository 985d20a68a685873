import { test } from "node:test";
import assert from "node:assert/strict";
import * as memory from "@/media/memory";

// As a browser's, and one that keeps nothing.
class Shelf {
  setItem(name: string, text: string): void {
    (this as unknown as Record<string, string>)[name] = text;
  }
  getItem(name: string): string | null {
    return (this as unknown as Record<string, string>)[name] ?? null;
  }
  removeItem(name: string): void {
    delete (this as unknown as Record<string, string>)[name];
  }
}
const shelf = (localStorage: object): void => void Object.assign(globalThis, { window: { localStorage } });
const refuse = (): never => {
  throw new Error("kept nowhere");
};
const closed = { getItem: () => refuse(), setItem: () => refuse(), removeItem: () => refuse() };

for (const [which, storage] of [["keeps", new Shelf()], ["keeps nothing", closed]] as const) {
  test(`a seat's camera is as it was left, in a browser that ${which}`, () => {
    shelf(storage);
    assert.deepEqual(memory.pictures("s/1"), { camera: "on", wanted: true });
    memory.keepPictures("s/1", { camera: "off" });
    memory.keepPictures("s/1", { wanted: false });
    assert.deepEqual(memory.pictures("s/1"), { camera: "off", wanted: false });
    assert.deepEqual(memory.pictures("s/2"), { camera: "on", wanted: true });
    memory.forget("s/1");
    assert.deepEqual(memory.pictures("s/1"), { camera: "on", wanted: true });
  });

  test(`how loud others are heard is as it was left, seat by seat, in a browser that ${which}`, () => {
    shelf(storage);
    memory.keepVolume("s/1", "2", 0.4);
    memory.keepVolume("s/1", "3", 0.8);
    memory.forgetAllPictures(); // the device check asks about pictures only
    assert.deepEqual(memory.volumes("s/1"), { 2: 0.4, 3: 0.8 });
    assert.deepEqual(memory.volumes("s/9"), {});
    memory.forget("s/1");
    assert.deepEqual(memory.volumes("s/1"), {});
  });
}

test("whoever passes the device check with a picture is seen in every seat again", () => {
  shelf(Object.assign(new Shelf(), { other: "stays" }));
  memory.keepPictures("s/1", { camera: "off" });
  memory.forgetAllPictures();
  assert.equal(memory.pictures("s/1").camera, "on");
  assert.equal(window.localStorage.getItem("other"), "stays");
});

test("what somebody else wrote under our name is no fault", () => {
  shelf(Object.assign(new Shelf(), { "pictures s/1": "{" }));
  assert.deepEqual(memory.pictures("s/1"), { camera: "on", wanted: true });
});
