import { useLingui } from "@lingui/react";
import { useView } from "./till";

/** The keys that work now and what they do, for help. */
export function useKeyTable(): [string, string][] {
  const { i18n } = useLingui();
  const hasShift = useView((view) => view.shift.state !== "closed");
  const always: [string, string][] = [
    ["Esc", i18n._({ id: "key.back", message: "One step back; never drops a sale" })],
    ["Ctrl+L", i18n._({ id: "key.lock", message: "Lock the till" })],
  ];
  if (!hasShift) return always;
  return [
    ["Enter", i18n._({ id: "key.enter", message: "Code or article that was typed" })],
    ["3 *", i18n._({ id: "key.star", message: "The next item counts 3; * alone changes the chosen line" })],
    ["+", i18n._({ id: "key.plus", message: "Pay" })],
    ["F2", i18n._({ id: "key.find", message: "Find a product" })],
    ["Shift+F2", i18n._({ id: "key.check", message: "Price check" })],
    ["F3", i18n._({ id: "key.customer", message: "Customer" })],
    ["F4", i18n._({ id: "key.discount", message: "Discount or price of the line" })],
    ["F7", i18n._({ id: "key.park", message: "Park, or open a parked sale" })],
    ["F8", i18n._({ id: "key.return", message: "Return" })],
    ["F9", i18n._({ id: "key.drawer", message: "Drawer, cash in and out" })],
    ["F10", i18n._({ id: "key.more", message: "All functions" })],
    ["↑ ↓ Home End", i18n._({ id: "key.lines", message: "Choose a line" })],
    ["Delete", i18n._({ id: "key.void", message: "Void the line" })],
    ["Ctrl+Z", i18n._({ id: "key.undo", message: "Take the last step back" })],
    ...always,
  ];
}
