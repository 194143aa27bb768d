import { useLingui } from "@lingui/react";
import type { TenderForm } from "./protocol";

/** The payment forms in words. */
export function useFormNames(): Record<TenderForm, string> {
  const { i18n } = useLingui();
  return {
    cash: i18n._({ id: "form.cash", message: "Cash" }),
    card: i18n._({ id: "form.card", message: "Card" }),
    transfer: i18n._({ id: "form.transfer", message: "Transfer" }),
  };
}
