/** The keyboard of UX §4: which key does what, and where it may. Every one of these has a button that calls the same act. */
import type { Acts } from "./acts";
import type { PanelName } from "./ui";

export interface KeyContext {
  acts: Acts;
  /** Without a shift there is only the lock, help, and a step back from it. */
  hasShift: boolean;
  /** The basket can take lines and nothing blocks it. */
  canSell: boolean;
  panel: PanelName | null;
  /** Runs an act of a single printable key once it is sure that no scan begins with it. */
  whenTyped: (act: () => void) => void;
}

/** F5, F6, F11 and F12 stay with the browser. */
const panelKeys: Record<string, PanelName> = {
  F2: "find",
  F3: "customer",
  F4: "discount",
  F7: "park",
  F8: "return",
  F9: "drawer",
  F10: "more",
};

const lineKeys = { ArrowUp: "up", ArrowDown: "down", Home: "first", End: "last" } as const;

/** Returns whether the key was ours and must not reach the browser. */
export function handleKey(event: KeyboardEvent, context: KeyContext): boolean {
  if (event.altKey || event.metaKey) return false;
  if (!context.hasShift) return shiftlessKey(event, context);
  if (event.ctrlKey) return controlKey(event, context);
  return functionKey(event, context) || sellingKey(event, context);
}

/** While no shift is open there is nothing to sell with. */
function shiftlessKey(event: KeyboardEvent, { acts }: KeyContext): boolean {
  if (isLock(event)) acts.lock();
  else if (event.key === "F1") acts.help();
  else if (event.key === "Escape") acts.back();
  else return false;
  return true;
}

const isLock = (event: KeyboardEvent): boolean => event.ctrlKey && event.code === "KeyL";

function controlKey(event: KeyboardEvent, { acts, canSell }: KeyContext): boolean {
  if (isLock(event)) acts.lock();
  // In a field with text, Ctrl+Z is the field's own.
  else if (event.code === "KeyZ" && canSell && !hasText(event.target)) acts.undo();
  else return false;
  return true;
}

function functionKey(event: KeyboardEvent, { acts, canSell }: KeyContext): boolean {
  if (event.key === "F1") acts.help();
  else if (event.key === "Escape") acts.back();
  else if (event.key === "F10") acts.open("more");
  else if (event.key in panelKeys) {
    if (canSell) acts.open(event.key === "F2" && event.shiftKey ? "price-check" : panelKeys[event.key]!);
  } else return false;
  return true;
}

/** Keys that mean something only on Sell with no panel open, from the scan field or from nowhere. */
function sellingKey(event: KeyboardEvent, { acts, canSell, panel, whenTyped }: KeyContext): boolean {
  if (!canSell || panel !== null || isOtherField(event.target)) return false;
  if (event.key in lineKeys) acts.move(lineKeys[event.key as keyof typeof lineKeys]);
  else if (event.key === "Delete" && !hasText(event.target)) acts.voidSelected();
  else if (event.key === "+") whenTyped(() => acts.pay());
  else if (event.key === "*") whenTyped(() => acts.star());
  else return false;
  return true;
}

export function isTextField(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox", "button"].includes(target.type);
}

/** A field that is not the scan field, where a key is text. */
function isOtherField(target: EventTarget | null): boolean {
  return isTextField(target) && !(target as HTMLElement).hasAttribute("data-entry");
}

function hasText(target: EventTarget | null): boolean {
  return isTextField(target) && (target as HTMLInputElement).value !== "";
}
