/**
 * What a person types, as the integers the gateway takes. Digits are moved, nothing is worked out: no float, no sum.
 * Every currency we have a pack of is stored with two decimals (shared/money.py).
 */
import type { Milli, Minor } from "./protocol";

const minorDigits = 2;
const milliDigits = 3;

/** Spaces of all kinds and apostrophes only group digits. */
const grouping = /[\s\u00a0\u202f'’]/g;

/** Whole and decimal digits as one integer with so many decimals. */
function scaled(whole: string, decimals: string, digits: number): number | null {
  if (!/^\d{0,12}$/.test(whole) || !/^\d*$/.test(decimals) || decimals.length > digits) return null;
  if (whole === "" && decimals === "") return null;
  return Number(whole + decimals.padEnd(digits, "0"));
}

/**
 * "5000", "5 000", "5,000", "5.000,50", "5,5": money has at most two decimals, so a last group of three digits is never decimals.
 * Null when it is not an amount.
 */
export function readMinor(text: string): Minor | null {
  const plain = text.replace(grouping, "");
  const parts = plain.split(/[.,]/);
  const last = parts.length > 1 ? parts.at(-1)! : "";
  const grouped = parts.length > 1 && last.length === 3;
  const wholeParts = grouped || parts.length === 1 ? parts : parts.slice(0, -1);
  if (wholeParts.slice(1).some((group) => group.length !== 3)) return null;
  return scaled(wholeParts.join(""), grouped ? "" : last, minorDigits);
}

/** "3", "0.432", "0,432": a separator always begins decimals, because weights have three of them. Null when not a quantity. */
export function readMilli(text: string): Milli | null {
  const [whole = "", decimals = "", ...more] = text.replace(grouping, "").split(/[.,]/);
  return more.length > 0 ? null : scaled(whole, decimals, milliDigits);
}

/** As a person would type it: 432 is "0.432", 3000 is "3". */
export function writeMilli(milli: Milli): string {
  const digits = String(milli).padStart(milliDigits + 1, "0");
  const decimals = digits.slice(-milliDigits).replace(/0+$/, "");
  const whole = digits.slice(0, -milliDigits);
  return decimals === "" ? whole : `${whole}.${decimals}`;
}

/** Currencies whose sums are shown without decimals (UX §5): their keypad has two zeros where others have a point. */
const wholeCurrencies = new Set(["AMD", "KZT"]);

export const moneyKey = (currency: string): "00" | "." => (wholeCurrencies.has(currency) ? "00" : ".");
