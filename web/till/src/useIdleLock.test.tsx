import { act, cleanup, fireEvent } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draw, emptyView } from "./testing";
import { till } from "./till";
import { useIdleLock } from "./useIdleLock";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function Watch() {
  useIdleLock();
  return null;
}

const wait = (seconds: number) => act(() => vi.advanceTimersByTime(seconds * 1_000));

test("locks after the set time without anybody", () => {
  const { sent } = draw(<Watch />);
  wait(179);
  expect(sent).toEqual([]);
  wait(1);
  expect(sent).toEqual([["lock", {}]]);
});

test("a key, a touch or a scan begins the time anew", () => {
  const { sent } = draw(<Watch />);
  wait(100);
  fireEvent.keyDown(document.body, { key: "a" });
  wait(100);
  fireEvent.pointerDown(document.body);
  wait(100);
  act(() => till.set({ view: { ...emptyView, last_scan: { id: "s1", text: "Milk", kind: "accepted" } } }));
  wait(179);
  expect(sent).toEqual([]);
  wait(1);
  expect(sent).toEqual([["lock", {}]]);
});

test("never where head office has set 0, nor for a page that only looks on", () => {
  const never = draw(<Watch />, { till: { ...emptyView.till, idle_lock_s: 0 } });
  wait(100_000);
  expect(never.sent).toEqual([]);
  const onlooker = draw(<Watch />, { lease: { mine: false, holder: "Gor" } });
  wait(100_000);
  expect(onlooker.sent).toEqual([]);
});
