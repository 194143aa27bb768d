/**
 * Integers of the API as people read them. Digits are moved as text, so no amount ever becomes a float; the writing is the
 * language's own (Intl), the sign is U+2212. Source of the packs: UX §5, shared/money.py.
 */

/** Every currency we have a pack of is stored with two decimals; these show them only when the amount is not whole. */
const minorDigits = 2;
const wholeWhenWhole = new Set(["AMD", "KZT"]);
const priceDigits = 6;
const milliDigits = 3;

const minus = "\u2212";

/** -123456 with 2 digits is "-1234.56". */
function pointed(integer: number, digits: number): string {
  const text = String(Math.abs(integer)).padStart(digits + 1, "0");
  return `${integer < 0 ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Yoruba's CLDR figures are English ones; its dates would be read wrongly (UX §5). */
const numberLanguage = (language: string) => (language === "yo" ? "en" : language);

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(numberLanguage(language), { useGrouping: true, ...options });
    formats.set(key, format);
  }
  return format;
}

/** Intl takes decimal text exactly; TypeScript's library knows it under this type only. */
const exact = (text: string) => text as Intl.StringNumericLiteral;

const signed = (text: string) => text.replace("-", minus);

/** Whole amounts of these currencies are shown without decimals. */
const shownDigits = (minor: number, currency: string) => (wholeWhenWhole.has(currency) && minor % 100 === 0 ? 0 : minorDigits);

/** The amount alone, for columns whose head names the currency: 1,814 or 8 425,50. */
export function amount(minor: number, currency: string, language: string): string {
  const digits = shownDigits(minor, currency);
  return signed(
    numberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(exact(pointed(minor, minorDigits))),
  );
}

/** The amount with its currency, sign where the language puts it. */
export function money(minor: number, currency: string, language: string): string {
  const digits = shownDigits(minor, currency);
  return signed(
    numberFormat(language, {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(exact(pointed(minor, minorDigits))),
  );
}

/** A unit price (1/10,000 minor units); digits below the minor unit only where there are some. */
export function price(unitPrice: number, currency: string, language: string): string {
  const isWholeMinor = unitPrice % 10_000 === 0;
  if (isWholeMinor) return amount(unitPrice / 10_000, currency, language);
  return signed(numberFormat(language, { minimumFractionDigits: minorDigits, maximumFractionDigits: priceDigits }).format(exact(pointed(unitPrice, priceDigits))));
}

/** Thousandths: 3 000 is "3", 432 is "0.432". */
export function quantity(milli: number, language: string): string {
  return signed(numberFormat(language, { maximumFractionDigits: milliDigits }).format(exact(pointed(milli, milliDigits))));
}

export const count = (value: number, language: string) => signed(numberFormat(language, {}).format(value));

/**
 * Total by count, to the nearest amount that the currency shows, halves up; null without a count.
 * Totals of sales are not negative.
 */
export function average(totalMinor: number, of: number, currency: string): number | null {
  if (of <= 0) return null;
  const step = wholeWhenWhole.has(currency) ? 100n : 1n;
  const [total, parts] = [BigInt(totalMinor), BigInt(of) * step];
  return Number(((2n * total + parts) / (2n * parts)) * step);
}

type Style = "time" | "day" | "full";

const dateStyles: Record<Style, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit" },
  day: { day: "2-digit", month: "2-digit", year: "numeric" },
  full: { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

const dateLanguage = (language: string) => (language === "en" || language === "yo" ? "en-GB" : language);

/** A moment on the branch's clock, or on the reader's when the branch's zone is not known. */
export function moment(iso: string, style: Style, language: string, zone?: string): string {
  return new Intl.DateTimeFormat(dateLanguage(language), { ...dateStyles[style], hourCycle: "h23", ...(zone ? { timeZone: zone } : {}) }).format(
    new Date(iso),
  );
}

/** Minutes, hours or days between, in the largest whole unit: "26 min", "3 hr". */
export function span(fromIso: string, to: Date, language: string): string {
  const minutes = Math.max(0, Math.floor((to.getTime() - new Date(fromIso).getTime()) / 60_000));
  const [value, unit] = minutes < 60 ? [minutes, "minute"] : minutes < 2_880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1_440), "day"];
  return numberFormat(language, { style: "unit", unit: unit as string, unitDisplay: "short" }).format(value as number);
}
