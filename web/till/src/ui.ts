/** What is open on this page. Nothing here is worth keeping: the sale lives in the gateway. */
import type { Basket, Line } from "./protocol";
import { createStore, useSlice } from "./store";

export type PanelName =
  | "find"
  | "price-check"
  | "customer"
  | "discount"
  | "quantity"
  | "park"
  | "return"
  | "drawer"
  | "more"
  | "cancel-sale"
  | "x-report"
  | "close-shift"
  | "state"
  | "receipt";

export interface UiState {
  panel: PanelName | null;
  /** Help stands beside whatever is open: `null` closed, "" open, a code opens on that code. */
  help: string | null;
  /** The scan field's text. */
  entry: string;
  /** The text with which Find opened: what was typed before it did. */
  found: string;
  /** A line chosen by hand; the newest counts when none is. */
  selected: string | null;
  /** A receipt that was scanned, for Return. */
  returnOf: string | null;
  /** A chooser (SCN-202) that was closed without choosing. */
  dismissedScan: string | null;
  /** A finished sale that was put out of sight by "Next sale". */
  leftSale: string | null;
  /** The count as typed so far: going on selling keeps it. */
  count: Count;
}

/** `pieces`: how many of each note and coin, by value; they make `cash` then. */
export interface Count {
  cash: string;
  slips: string;
  pieces: Readonly<Record<number, string>>;
}

export const noCount: Count = { cash: "", slips: "", pieces: {} };

export const initialUi: UiState = {
  panel: null,
  help: null,
  entry: "",
  found: "",
  selected: null,
  returnOf: null,
  dismissedScan: null,
  leftSale: null,
  count: noCount,
};

export const ui = createStore<UiState>(initialUi);

export const useUi = <S>(slice: (state: UiState) => S): S => useSlice(ui, slice);

/** The line that acts without a line of their own mean: the chosen one while it is there, else the newest. Void lines take none. */
export function selectedLine(basket: Basket, selected: string | null): Line | null {
  const chosen = basket.lines.find((line) => line.id === selected && !line.voided);
  return chosen ?? basket.lines.findLast((line) => line.newest && !line.voided) ?? basket.lines.findLast((line) => !line.voided) ?? null;
}
