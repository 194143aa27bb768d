/** Money and quantities as people read them, for each language's own way. */
import { setupI18n } from "@lingui/core";
import { describe, expect, test, vi } from "vitest";
import { amount, moment, money, price, quantity, span } from "./format";

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
    expect(money(710_900, "AMD", "ru")).toBe(`7${nbsp}109${nbsp}AMD`);
    expect(money(-59_995, "GBP", "en")).toBe("\u2212£599.95");
    expect(money(-59_995, "NGN", "yo")).toBe("\u2212₦599.95");
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

const i18n = setupI18n({ locale: "en", messages: { en: {} } });

test.each([
  ["2026-11-21T10:00:00Z", "2026-11-21T10:26:59Z", "span.minutes", 26],
  ["2026-11-21T10:00:00Z", "2026-11-21T09:59:00Z", "span.minutes", 0],
  ["2026-11-21T10:00:00Z", "2026-11-23T09:59:00Z", "span.hours", 47],
  ["2026-11-21T10:00:00Z", "2026-11-26T10:00:00Z", "span.days", 5],
])("from %s to %s is %s %i", (from, to, id, value) => {
  const said = vi.spyOn(i18n, "_").mockReturnValue("");
  span(i18n, from, new Date(to));
  expect(said.mock.calls[0]![0]).toMatchObject({ id, values: { count: value } });
  said.mockRestore();
});

test("a moment is on the asked clock, in the order of the language, by 24 hours", () => {
  expect(moment("2026-11-21T20:05:09Z", "full", "hy", "Asia/Yerevan")).toBe("22.11.2026 00:05:09");
  expect(moment("2026-11-21T20:05:09Z", "day", "en", "Europe/London")).toBe("21/11/2026");
  expect(moment("2026-11-21T20:05:09Z", "time", "yo", "Africa/Lagos")).toBe("21:05");
});
