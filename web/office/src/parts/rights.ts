/** Rights in words; they stand with the error codes, because head office's API says them too. */
import type { I18n } from "@lingui/core";

export function rightWord(i18n: I18n, right: string): string {
  const id = `right.${right}`;
  return id in i18n.messages ? i18n._(id) : right;
}
