/** Rights in words, as far as head office's pages ask for them. */
import type { I18n } from "@lingui/core";
import type { Right } from "../api/types";

export function rightWord(i18n: I18n, right: Right): string {
  const words: Partial<Record<Right, string>> = {
    see_sales: i18n._({ id: "right.see-sales", message: "see sales" }),
    see_stock: i18n._({ id: "right.see-stock", message: "see stock" }),
    see_devices: i18n._({ id: "right.see-devices", message: "see devices" }),
    see_exceptions: i18n._({ id: "right.see-exceptions", message: "see exceptions" }),
    see_catalogue: i18n._({ id: "right.see-catalogue", message: "see the catalogue" }),
    see_customers: i18n._({ id: "right.see-customers", message: "see customers" }),
    manage_devices: i18n._({ id: "right.manage-devices", message: "manage branches and devices" }),
  };
  return words[right] ?? right;
}
