/** Loading and switching the words. Each app hands in where its own catalogues are; codes.po is the same for all. */
import { type Messages, i18n } from "@lingui/core";
import { type Language, rememberLanguage } from "./languages";

interface Catalogue {
  messages: Messages;
}

export type CatalogueLoaders = Record<string, () => Promise<Catalogue>>;

/** Error codes and the words both sides show: one chunk a language, fetched when chosen. */
const codes = import.meta.glob<Catalogue>("../../shared/words/*/codes.po");

/** The loader whose path names the language: `…/hy/web.po`. */
function loaderOf(loaders: CatalogueLoaders, language: Language): () => Promise<Catalogue> {
  const path = Object.keys(loaders).find((candidate) => candidate.includes(`/${language}/`));
  if (path === undefined) throw new Error(`no catalogue for ${language}`);
  return loaders[path]!;
}

/** Fetches the language's catalogues, makes it the page's language and remembers it. */
export async function activateLanguage(own: CatalogueLoaders, language: Language): Promise<void> {
  const [ownWords, codeWords] = await Promise.all([loaderOf(own, language)(), loaderOf(codes, language)()]);
  i18n.load(language, { ...ownWords.messages, ...codeWords.messages });
  i18n.activate(language);
  document.documentElement.lang = language;
  rememberLanguage(language);
}
