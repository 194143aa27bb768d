/** Payment forms in words (UX §5, glossary). */
import type { I18n } from "@lingui/core";

export function paymentWord(i18n: I18n, form: string): string {
  const words: Record<string, string> = {
    cash: i18n._({ id: "payment.cash", message: "Cash" }),
    card: i18n._({ id: "payment.card", message: "Card" }),
    points: i18n._({ id: "payment.points", message: "Points" }),
    certificate: i18n._({ id: "payment.certificate", message: "Certificate" }),
    transfer: i18n._({ id: "payment.transfer", message: "Transfer" }),
  };
  return words[form] ?? form;
}
