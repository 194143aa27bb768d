/** Everything a key or a button can do: both call these, so that they never differ. */
import { readMilli } from "./amounts";
import { basketOf } from "./basket";
import type { Gateway } from "./gateway";
import type { Language } from "../../kit/languages";
import type { Basket, View } from "./protocol";
import { canBeLent, missingRight } from "./rights";
import { till } from "./till";
import { type PanelName, selectedLine, ui } from "./ui";
import { activate } from "./words";

/** At most this many pieces by "3 *": more is a slip of the finger, such as a barcode before the star. */
const mostPieces = 9_999_000;

export class Acts {
  constructor(private readonly gateway: Gateway) {}

  private get view(): View | null {
    return till.get().view;
  }

  private get basket(): Basket | null {
    return this.view && basketOf(this.view);
  }

  /** Opens a panel; the same one again closes it. */
  open(panel: PanelName): void {
    const right = missingRight(panel, this.view?.operator ?? null);
    if (ui.get().panel === panel) this.close();
    else if (right && !canBeLent(panel)) till.set({ refusal: { error: { code: "USR-403", parameters: { right } }, at: Date.now() } });
    else {
      this.leave();
      ui.set({ panel, help: null });
      if (panel === "price-check") void this.gateway.send("price_check", { on: true });
    }
  }

  close(): void {
    this.leave();
    ui.set({ panel: null, found: "", returnOf: null });
  }

  private leave(): void {
    if (ui.get().panel === "price-check") void this.gateway.send("price_check", { on: false }, { quiet: true });
  }

  help(code = ""): void {
    ui.set({ help: ui.get().help === null || code !== "" ? code : null });
  }

  /** One step back: help, approval, chooser, panel, payment, text, selection. Never drops a basket. */
  back(): void {
    const { panel, help, entry } = ui.get();
    const scan = this.view?.last_scan;
    if (help !== null) ui.set({ help: null });
    else if (till.get().approvalFor) this.giveUpApproval();
    else if (scan?.choices && ui.get().dismissedScan !== scan.id) ui.set({ dismissedScan: scan.id });
    else if (panel !== null) this.close();
    else if (this.basket?.state === "paying") void this.gateway.send("back_to_sale", {});
    else if (entry !== "") ui.set({ entry: "" });
    else {
      ui.set({ selected: null });
      till.set({ refusal: null });
    }
  }

  /** Nobody is asked any more; a badge under the scanner is a cashier's again. */
  giveUpApproval(): void {
    const request = till.get().approvalFor?.error.parameters.request;
    till.set({ approvalFor: null });
    if (request !== undefined) void this.gateway.send("drop_approval", { request: String(request) }, { quiet: true });
  }

  scan(raw: string, source: "keyboard" | "typed"): void {
    ui.set({ selected: null });
    void this.gateway.send("scan", { raw, source });
  }

  /** Enter in the scan field: a code or an article. With no text it does nothing. */
  enter(): void {
    const raw = ui.get().entry.trim();
    if (raw === "") return;
    ui.set({ entry: "" });
    this.scan(raw, "typed");
  }

  /** What the star means now: the typed number is the next item's quantity; alone it edits the chosen line's. */
  star(): void {
    const typed = ui.get().entry.trim();
    if (typed === "") {
      if (this.selected) this.open("quantity");
      return;
    }
    const milli = readMilli(typed);
    if (milli === null || milli === 0 || milli > mostPieces) return;
    ui.set({ entry: "" });
    void this.gateway.send("next_quantity", { quantity_milli: milli });
  }

  async add(productId: string): Promise<void> {
    const outcome = await this.gateway.send("add", { product_id: productId });
    if (outcome.ok) this.close();
  }

  pay(): void {
    if (this.basket?.state !== "open" || this.basket.line_count === 0) return;
    this.close();
    void this.gateway.send("pay", {});
  }

  undo(): void {
    void this.gateway.send("undo", {});
  }

  get selected() {
    return this.basket ? selectedLine(this.basket, ui.get().selected) : null;
  }

  voidSelected(): void {
    const line = this.selected;
    if (line) void this.gateway.send("void_line", { line_id: line.id });
  }

  /** Quantity of the chosen line by one piece up or down; one is the least, Void line takes it away. */
  step(by: 1 | -1): void {
    const line = this.selected;
    if (!line) return;
    const quantity_milli = line.quantity_milli + by * 1000;
    if (quantity_milli > 0) void this.gateway.send("quantity", { line_id: line.id, quantity_milli });
  }

  select(lineId: string): void {
    ui.set({ selected: lineId });
  }

  /** Up, Down, Home, End among the lines that are drawn. */
  move(to: "up" | "down" | "first" | "last"): void {
    const lines = this.basket?.lines.filter((line) => !line.voided) ?? [];
    const at = lines.findIndex((line) => line.id === this.selected?.id);
    const index = { up: Math.max(0, at - 1), down: Math.min(lines.length - 1, at + 1), first: 0, last: lines.length - 1 }[to];
    const line = lines[index];
    if (line) ui.set({ selected: line.id });
  }

  /** Puts the finished sale out of sight; the gateway begins the next one with its first line. */
  nextSale(): void {
    ui.set({ leftSale: this.basket?.id ?? null, panel: null });
  }

  /** The answer to SAL-230: what was scanned during payment belongs to this sale. */
  addToThis(raw: string): void {
    void this.gateway.send("scan", { raw, source: "keyboard", add_to: "this" });
  }

  claim(): void {
    void this.gateway.send("claim", {});
  }

  lock(): void {
    ui.set({ panel: null, help: null, entry: "" });
    void this.gateway.send("lock", {});
  }

  async speak(language: Language): Promise<void> {
    await activate(language);
    this.gateway.speak(language);
  }
}
