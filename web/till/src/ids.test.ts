import { expect, test } from "vitest";
import { uuid7 } from "./ids";

test("is a UUIDv7 of the given moment", () => {
  const id = uuid7(0x0190_1234_5678);
  expect(id).toMatch(/^01901234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ids of one moment differ, and later ones sort later", () => {
  const ids = new Set(Array.from({ length: 1_000 }, () => uuid7(1)));
  expect(ids.size).toBe(1_000);
  expect(uuid7(2) > uuid7(1)).toBe(true);
});
