/** An error code in words: what happened, what was kept, what to do now. The texts are in shared/words/<language>/codes.po. */
import type { I18n } from "@lingui/core";

export interface Explained {
  code: string;
  what: string;
  kept: string;
  do: string;
}

export type Facts = Record<string, string | number>;

/** A code that the catalogue does not know yet is still shown, by its number. */
export function explain(i18n: I18n, code: string, parameters: Facts = {}): Explained {
  const known = `${code}.what` in i18n.messages;
  const facts = { ...parameters, ...rightInWords(i18n, parameters.right) };
  const part = (name: "what" | "kept" | "do") =>
    known ? i18n._(`${code}.${name}`, facts) : i18n._(`unknown-code.${name}`, { code });
  return { code, what: part("what"), kept: part("kept"), do: part("do") };
}

function rightInWords(i18n: I18n, right: string | number | undefined): { right?: string } {
  const id = `right.${right}`;
  return right !== undefined && id in i18n.messages ? { right: i18n._(id) } : {};
}

/** By the hundreds of the code: how loudly it speaks. */
export function severity(code: string): "look" | "refused" | "alarm" {
  const kind = /-(\d)\d\d$/.exec(code)?.[1];
  if (kind === "1" || kind === "2") return "look";
  return kind === "5" ? "alarm" : "refused";
}
