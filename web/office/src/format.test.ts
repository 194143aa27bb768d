/** Money and quantities as people read them, for each language's own way. */
import { describe, expect, test } from "vitest";
import { amount, average, money, price, quantity, span } from "./format";

const nbsp = "\u00a0";

describe("amounts", () => {
  test.each([
    [181_400, "AMD", "en", "1,814"],
    [842_550, "AMD", "ru", `8${nbsp}425,50`],
    [0, "AMD", "en", "0"],
    [0, "GBP", "en", "0.00"],
    [-370_500, "AMD", "hy", `\u22123${nbsp}705`],
    [5, "GBP", "en", "0.05"],
    [100_000_000_000_001, "GBP", "en", "1,000,000,000,000.01"],
    [123_450, "AZN", "az", "1.234,50"],
  ])("%i %s in %s is %s", (minor, currency, language, text) => {
    expect(amount(minor, currency, language)).toBe(text);
  });

  test("a sign stands where the language puts it; the code when the language has none", () => {
    expect(money(710_900, "AMD", "en")).toBe(`AMD${nbsp}7,109`);
    expect(money(710_900, "AMD", "hy")).toBe(`7${nbsp}109${nbsp}֏`);
    expect(money(-59_995, "GBP", "en")).toBe("\u2212£599.95");
  });

  test("a price shows digits below the minor unit only where there are some", () => {
    expect(price(3_900_000_000, "AMD", "en")).toBe("3,900");
    expect(price(12_345, "GBP", "en")).toBe("0.012345");
  });

  test("a quantity shows up to three decimals", () => {
    expect(quantity(432, "en")).toBe("0.432");
    expect(quantity(-3_000, "en")).toBe("\u22123");
  });
});

test.each([
  [1_000, 3, "GBP", 333],
  [1_001, 2, "GBP", 501],
  [818_134_00, 101, "AMD", 810_000],
  [1_000, 0, "GBP", null],
])("the average of %i over %i in %s is %s", (total, of, currency, mean) => {
  expect(average(total, of, currency)).toBe(mean);
});

test.each([
  ["2026-11-21T10:00:00Z", "26 min", "2026-11-21T10:26:59Z"],
  ["2026-11-21T10:00:00Z", "3 hr", "2026-11-21T13:59:00Z"],
  ["2026-11-21T10:00:00Z", "0 min", "2026-11-21T09:59:00Z"],
  ["2026-11-21T10:00:00Z", "5 days", "2026-11-26T10:00:00Z"],
])("from %s it is %s", (from, text, to) => {
  expect(span(from, new Date(to), "en")).toBe(text);
});
