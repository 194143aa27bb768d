/**
 * Integers of the API as people read them. Digits are moved as text, so no amount ever becomes a float. The writing of each
 * language stands here and not in Intl: browsers ship without Armenian, Azerbaijani, Georgian, Kazakh and Yoruba (seen:
 * Chromium 156 writes English for them). Sources: UX §5, shared/money.py.
 */
import type { I18n } from "@lingui/core";

/** Every currency we have a pack of is stored with two decimals; these show them only when the amount is not whole. */
const minorDigits = 2;
const wholeWhenWhole = new Set(["AMD", "KZT"]);
const priceDigits = 6;
const milliDigits = 3;

const minus = "\u2212";
const nbsp = "\u00a0";

interface Writing {
  group: string;
  point: string;
  /** Between day, month and year. */
  date: "." | "/";
  /** The language's own signs besides those everybody knows. */
  signs: Record<string, string>;
  isSignFirst: boolean;
}

const known = { GBP: "£", USD: "$", EUR: "€" };
const spaced = { group: nbsp, point: ",", date: ".", isSignFirst: false } as const;
const english: Writing = { group: ",", point: ".", date: "/", signs: { ...known, NGN: "₦" }, isSignFirst: true };

const writings: Record<string, Writing> = {
  en: english,
  yo: english,
  hy: { ...spaced, signs: { ...known, AMD: "֏" } },
  ru: { ...spaced, signs: { ...known, RUB: "₽" } },
  kk: { ...spaced, signs: { ...known, KZT: "₸", RUB: "₽" } },
  ka: { ...spaced, signs: { ...known, GEL: "₾" } },
  az: { ...spaced, group: ".", signs: { ...known, AZN: "₼" } },
};

const writingOf = (language: string): Writing => writings[language] ?? english;

/** -123456 with 2 digits is "-1234.56". */
function pointed(integer: number, digits: number): string {
  const text = String(Math.abs(integer)).padStart(digits + 1, "0");
  return `${integer < 0 ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Decimal text in the language's writing, with at least so many decimals of those that are there. */
function written(decimal: string, least: number, language: string): string {
  const { group, point } = writingOf(language);
  const [whole = "", decimals = ""] = decimal.replace("-", "").split(".");
  const kept = decimals.replace(/0+$/, "").padEnd(least, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return `${decimal.startsWith("-") ? minus : ""}${grouped}${kept === "" ? "" : point + kept}`;
}

/** Whole amounts of these currencies are shown without decimals. */
const shownDigits = (minor: number, currency: string) => (wholeWhenWhole.has(currency) && minor % 100 === 0 ? 0 : minorDigits);

/** The amount alone, for columns whose head names the currency: 1,814 or 8 425,50. */
export const amount = (minor: number, currency: string, language: string): string =>
  written(pointed(minor, minorDigits), shownDigits(minor, currency), language);

/** The amount with its currency: the sign where the language puts it, the code when the language has no sign. */
export function money(minor: number, currency: string, language: string): string {
  const { signs, isSignFirst } = writingOf(language);
  const sign = signs[currency];
  const text = amount(Math.abs(minor), currency, language);
  const isNegative = minor < 0 ? minus : "";
  if (!isSignFirst) return `${isNegative}${text}${nbsp}${sign ?? currency}`;
  return sign === undefined ? `${currency}${nbsp}${isNegative}${text}` : `${isNegative}${sign}${text}`;
}

/** A unit price (1/10,000 minor units); digits below the minor unit only where there are some. */
export function price(unitPrice: number, currency: string, language: string): string {
  if (unitPrice % 10_000 === 0) return amount(unitPrice / 10_000, currency, language);
  return written(pointed(unitPrice, priceDigits), minorDigits, language);
}

/** Thousandths: 3 000 is "3", 432 is "0.432". */
export const quantity = (milli: number, language: string): string => written(pointed(milli, milliDigits), 0, language);

export const count = (value: number, language: string): string => written(String(value), 0, language);

type Style = "time" | "day" | "full";

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Only figures are taken from Intl, which knows every zone; their order and marks are the language's. */
function clockOf(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? "";
  let clock = clocks.get(key);
  if (clock === undefined) {
    const figures = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
    clock = new Intl.DateTimeFormat("en-GB", { ...figures, hourCycle: "h23", ...(zone === undefined ? {} : { timeZone: zone }) });
    clocks.set(key, clock);
  }
  return clock;
}

/** A moment on the branch's clock, or on the reader's when the branch's zone is not known. */
export function moment(iso: string, style: Style, language: string, zone?: string): string {
  const parts = Object.fromEntries(clockOf(zone).formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  const day = [parts["day"], parts["month"], parts["year"]].join(writingOf(language).date);
  const time = `${parts["hour"]}:${parts["minute"]}`;
  if (style === "day") return day;
  return style === "time" ? time : `${day} ${time}:${parts["second"]}`;
}

/** Minutes, hours or days between, in the largest unit that is worth it: "26 min", "3 h". */
export function span(i18n: I18n, fromIso: string, to: Date): string {
  const minutes = Math.max(0, Math.floor((to.getTime() - new Date(fromIso).getTime()) / 60_000));
  if (minutes < 60) return i18n._({ id: "span.minutes", message: "{count} min", values: { count: minutes } });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return i18n._({ id: "span.hours", message: "{count} h", values: { count: hours } });
  return i18n._({ id: "span.days", message: "{count, plural, one {# day} other {# days}}", values: { count: Math.floor(hours / 24) } });
}
