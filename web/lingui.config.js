/** What Vite may import as a catalogue: the screens' own words and the codes that both sides show. Extraction has its own file. */
import { formatter } from "@lingui/format-po";

export const locales = ["en", "hy", "az", "kk", "ru", "ka", "yo"];

/** Set before a catalogue is first created; without them Babel cannot read a file that Lingui has rewritten. */
const customHeaderAttributes = {
  "Project-Id-Version": "tradepost",
  "PO-Revision-Date": "2026-11-21 00:00+0000",
  "Last-Translator": "The Tradepost authors",
  "Language-Team": "The Tradepost authors",
  "Report-Msgid-Bugs-To": "",
};

export const screens = ["till", "office"].map((app) => ({
  path: `<rootDir>/${app}/words/{locale}/web`,
  include: [`<rootDir>/${app}/src`, "<rootDir>/kit"],
}));

const codes = { path: "<rootDir>/../shared/words/{locale}/codes", include: [] };

const config = {
  locales,
  sourceLocale: "en",
  fallbackLocales: { default: "en" },
  catalogs: [...screens, codes],
  orderBy: "messageId",
  format: formatter({ explicitIdAsDefault: true, lineNumbers: false, origins: false, customHeaderAttributes }),
};

export default config;
