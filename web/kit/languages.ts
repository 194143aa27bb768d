/** The languages of Tradepost and which one this person reads. The words themselves live in the catalogues. */

export const languages = {
  en: "English",
  hy: "Հայերեն",
  az: "Azərbaycanca",
  kk: "Қазақша",
  ru: "Русский",
  ka: "ქართული",
  yo: "Yorùbá",
} as const;

export type Language = keyof typeof languages;

const storageKey = "tradepost.language";

export function isLanguage(value: unknown): value is Language {
  return typeof value === "string" && Object.hasOwn(languages, value);
}

/** What was chosen here before, else the browser's first language that we speak, else English. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(storageKey);
  if (isLanguage(stored)) return stored;
  const spoken = navigator.languages.map((tag) => tag.split("-")[0]).find(isLanguage);
  return spoken ?? "en";
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(storageKey, language);
}
