import { beforeEach, expect, test } from "vitest";
import type { OperationMessage } from "./protocol";
import { OperationQueue, queueLimit } from "./queue";

const scan = (id: string): OperationMessage => ({ op: "scan", id, raw: "4850001234567", source: "keyboard" });
const open = () => new OperationQueue(sessionStorage, "unanswered");

beforeEach(() => sessionStorage.clear());

test("what is not answered outlives a reload, in its order and with its ids", () => {
  const before = open();
  for (const id of ["1", "2", "3"]) before.add(scan(id));
  before.answered("2");
  expect(open().unanswered).toEqual([scan("1"), scan("3")]);
});

test("an answer counts once", () => {
  const queue = open();
  queue.add(scan("1"));
  expect([queue.answered("1"), queue.answered("1")]).toEqual([true, false]);
});

test("the limit holds, and what does not fit changes nothing", () => {
  const queue = open();
  for (let index = 0; index < queueLimit; index += 1) expect(queue.add(scan(String(index)))).toBe(true);
  expect(queue.isFull).toBe(true);
  expect(queue.add(scan("one too many"))).toBe(false);
  expect(open().unanswered).toHaveLength(queueLimit);
  queue.answered("0");
  expect(queue.add(scan("fits now"))).toBe(true);
});

test.each(["not json", '{"op":"scan"}', '[1, null, "x"]'])("%j left by something else is an empty queue", (stored) => {
  sessionStorage.setItem("unanswered", stored);
  expect(open().unanswered).toEqual([]);
});
