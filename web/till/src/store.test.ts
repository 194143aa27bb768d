import { expect, test, vi } from "vitest";
import { createStore, share } from "./store";

const line = (id: number) => ({ id: String(id), no: id });

test("a push that changes nothing gives back the view that is there", () => {
  const view = { basket: { lines: [{ id: "a", sum_text: "620" }], total: 620 }, problems: [] };
  expect(share(view, structuredClone(view))).toBe(view);
});

test("only what changed is new", () => {
  const before = { basket: { lines: [{ id: "a", sum_text: "620" }] }, link: { online: true } };
  const after = share(before, { basket: { lines: [{ id: "a", sum_text: "620" }, { id: "b", sum_text: "350" }] }, link: { online: true } });
  expect(after.link).toBe(before.link);
  expect(after.basket).not.toBe(before.basket);
  expect(after.basket.lines[0]).toBe(before.basket.lines[0]);
  expect(after.basket.lines[1]).toEqual({ id: "b", sum_text: "350" });
});

test("lines keep their identity when the window of the last 60 moves along", () => {
  const before = Array.from({ length: 60 }, (_, index) => line(index));
  const after = share(before, Array.from({ length: 60 }, (_, index) => line(index + 1)));
  expect(after.slice(0, 59).every((item, index) => item === before[index + 1])).toBe(true);
  expect(after[59]).toEqual(line(60));
});

test.each([
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: [] }, { a: {} }],
  [{ a: {} }, { a: [] }],
  [[1, 2, 3], [1, 2]],
  [null, { a: null }],
  [{ a: 1 }, null],
  [undefined, "text"],
])("from %j to %j the result equals the new value", (before, after) => {
  expect(share<unknown>(before, structuredClone(after))).toEqual(after);
});

test("who listens hears of a change until they stop", () => {
  const store = createStore({ a: 1, b: 1 });
  const heard = vi.fn();
  const stop = store.subscribe(heard);
  store.set({ a: 2 });
  stop();
  store.set({ a: 3 });
  expect(heard).toHaveBeenCalledTimes(1);
  expect(store.get()).toEqual({ a: 3, b: 1 });
});
