/** What narrows a list, by name in the address and in the API's question. */
import type { I18n } from "@lingui/core";

export interface Choice {
  value: string;
  label: string;
}

interface Named {
  name: string;
  label: (i18n: I18n) => string;
}

export type Filter =
  /** One of the reader's branches. */
  | (Named & { kind: "branch" })
  | (Named & { kind: "day" })
  | (Named & { kind: "choice"; choices: (i18n: I18n) => Choice[]; none: (i18n: I18n) => string });

export const branchFilter: Filter = { kind: "branch", name: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }) };
export const fromFilter: Filter = { kind: "day", name: "from", label: (i18n) => i18n._({ id: "filter.from", message: "From" }) };
export const toFilter: Filter = { kind: "day", name: "to", label: (i18n) => i18n._({ id: "filter.to", message: "To" }) };
