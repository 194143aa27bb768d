import { expect, test } from "vitest";
import { readMilli, readMinor, writeMilli } from "./amounts";

test.each([
  ["5000", 500_000],
  ["5,000", 500_000],
  ["5.000", 500_000],
  ["5 000", 500_000],
  ["5\u00a0000", 500_000],
  ["1,234,567", 123_456_700],
  ["12.50", 1_250],
  ["12,5", 1_250],
  ["5.000,50", 500_050],
  ["5,000.5", 500_050],
  [".5", 50],
  ["0", 0],
  ["007", 700],
])("the sum %s is %i minor units", (text, minor) => {
  expect(readMinor(text)).toBe(minor);
});

test.each(["", " ", ".", "abc", "1e3", "-5", "1.2345", "1,23,45", "5 000 x", "12,50,00", "9999999999999"])("%j is no sum", (text) => {
  expect(readMinor(text)).toBeNull();
});

test.each([
  ["3", 3_000],
  ["0.432", 432],
  ["0,432", 432],
  ["1.5", 1_500],
  [".25", 250],
])("the quantity %s is %i thousandths", (text, milli) => {
  expect(readMilli(text)).toBe(milli);
});

test.each(["", "1.2.3", "0.4321", "x", "-1"])("%j is no quantity", (text) => {
  expect(readMilli(text)).toBeNull();
});

test.each([432, 3_000, 1_500, 10, 0, 12_345_678])("%i thousandths are read back as they were written", (milli) => {
  expect(readMilli(writeMilli(milli))).toBe(milli);
});
