import { beforeEach, expect, test, vi } from "vitest";
import type { Acts } from "./acts";
import { type KeyContext, handleKey } from "./keys";

let acts: Record<string, ReturnType<typeof vi.fn>>;
let context: KeyContext;

beforeEach(() => {
  acts = Object.fromEntries(["open", "help", "back", "move", "voidSelected", "pay", "star", "undo", "lock"].map((name) => [name, vi.fn()]));
  context = { acts: acts as unknown as Acts, hasShift: true, canSell: true, panel: null, whenTyped: (act) => act() };
  document.body.innerHTML = `<input id="scan" data-entry><input id="other"><button id="go">go</button>`;
});

const on = (id: string) => document.getElementById(id) as HTMLInputElement;

function press(key: string, target: Element = document.body, more: KeyboardEventInit = {}): boolean {
  let taken = false;
  const listen = (event: KeyboardEvent) => {
    taken = handleKey(event, context);
  };
  window.addEventListener("keydown", listen);
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
  window.removeEventListener("keydown", listen);
  return taken;
}

test.each([
  ["F2", {}, "find"],
  ["F2", { shiftKey: true }, "price-check"],
  ["F3", {}, "customer"],
  ["F4", {}, "discount"],
  ["F7", {}, "park"],
  ["F8", {}, "return"],
  ["F9", {}, "drawer"],
  ["F10", {}, "more"],
])("%s %o opens %s, from any field", (key, more, panel) => {
  expect(press(key, on("other"), more)).toBe(true);
  expect(acts.open).toHaveBeenCalledExactlyOnceWith(panel);
});

test.each(["F5", "F6", "F11", "F12", "Enter", "Tab", "5"])("%s stays with the browser", (key) => {
  expect(press(key)).toBe(false);
});

test.each([
  ["+", "pay", []],
  ["*", "star", []],
  ["Delete", "voidSelected", []],
  ["ArrowUp", "move", ["up"]],
  ["End", "move", ["last"]],
])("%s acts from the scan field and from nowhere, and is text in another field", (key, act, args) => {
  press(key);
  press(key, on("scan"));
  expect(acts[act]!.mock.calls).toEqual([args, args]);
  expect(press(key, on("other"))).toBe(false);
});

test("with a panel open the selling keys rest", () => {
  context.panel = "find";
  expect(["+", "*", "Delete", "ArrowDown"].map((key) => press(key, on("go")))).toEqual([false, false, false, false]);
});

test("when the basket takes no lines only help, back, more and lock are left", () => {
  context.canSell = false;
  for (const key of ["F2", "F8", "+", "*", "Delete"]) press(key);
  press("z", document.body, { code: "KeyZ", ctrlKey: true });
  expect(Object.values(acts).every((act) => act.mock.calls.length === 0)).toBe(true);
  press("F1");
  press("Escape");
  press("F10");
  press("l", document.body, { code: "KeyL", ctrlKey: true });
  expect([acts.help, acts.back, acts.open, acts.lock].map((act) => act!.mock.calls.length)).toEqual([1, 1, 1, 1]);
});

test("without a shift there are only help, back and the lock", () => {
  context.hasShift = false;
  expect(["F2", "F10", "Delete", "+"].map((key) => press(key))).toEqual([false, false, false, false]);
  expect([press("F1"), press("Escape"), press("l", document.body, { code: "KeyL", ctrlKey: true })]).toEqual([true, true, true]);
  expect([acts.help, acts.back, acts.lock].map((act) => act!.mock.calls.length)).toEqual([1, 1, 1]);
});

test("Ctrl+Z takes the last step back, but in a field with text it is the field's own", () => {
  press("z", on("scan"), { code: "KeyZ", ctrlKey: true });
  on("scan").value = "48";
  press("z", on("scan"), { code: "KeyZ", ctrlKey: true });
  expect(acts.undo).toHaveBeenCalledTimes(1);
});

test("Delete in the scan field with text is the field's own", () => {
  on("scan").value = "48";
  expect(press("Delete", on("scan"))).toBe(false);
});
