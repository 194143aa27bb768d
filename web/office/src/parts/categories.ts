/** What screens call a device of a UnifiedPOS class (UX §5, glossary). */
import type { I18n } from "@lingui/core";

export function categoryWord(i18n: I18n, category: string): string {
  const words: Record<string, string> = {
    Scanner: i18n._({ id: "category.scanner", message: "Scanner" }),
    POSPrinter: i18n._({ id: "category.printer", message: "Receipt printer" }),
    FiscalPrinter: i18n._({ id: "category.register", message: "Register" }),
    CashDrawer: i18n._({ id: "category.drawer", message: "Drawer" }),
    Scale: i18n._({ id: "category.scale", message: "Scale" }),
    LineDisplay: i18n._({ id: "category.display", message: "Customer display" }),
  };
  return words[category] ?? category;
}
