/** Which right opens what. Only to show a lock before the work is begun: the gateway checks every operation itself. */
import type { View } from "./protocol";
import type { PanelName } from "./ui";

/** A second person may lend the right for one act behind these: they open, and the gateway asks (USR-250). */
const lent: ReadonlySet<PanelName> = new Set(["discount", "return", "drawer", "cancel-sale"]);

export const canBeLent = (panel: PanelName): boolean => lent.has(panel);

/** Any of these is enough to open the panel. */
const needed: Partial<Record<PanelName, readonly [string, ...string[]]>> = {
  discount: ["discount", "price_change"],
  return: ["return"],
  drawer: ["cash_move", "open_drawer"],
  "cancel-sale": ["cancel_sale"],
  "close-shift": ["close_shift"],
};

/** The right that this person would need and does not have. */
export function missingRight(panel: PanelName, operator: View["operator"]): string | null {
  const rights = needed[panel];
  if (!rights || !operator || rights.some((right) => operator.rights.includes(right))) return null;
  return rights[0];
}
