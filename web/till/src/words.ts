/** The catalogues of this app. Written by `npm run extract`, translated by hand. */
import { type CatalogueLoaders, activateLanguage } from "../../kit/words";
import type { Language } from "../../kit/languages";

const catalogues = import.meta.glob<{ messages: import("@lingui/core").Messages }>("../words/*/web.po") satisfies CatalogueLoaders;

export const activate = (language: Language) => activateLanguage(catalogues, language);
