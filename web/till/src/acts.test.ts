import { beforeEach, expect, test } from "vitest";
import { Acts } from "./acts";
import type { Gateway } from "./gateway";
import type { OperationName, View } from "./protocol";
import { emptyView } from "./testing";
import { initialTill, till } from "./till";
import { initialUi, ui } from "./ui";

let sent: [OperationName, object][];
let acts: Acts;

function see(view: Partial<View>): void {
  till.set({ ...initialTill, view: { ...emptyView, ...view } });
}

beforeEach(() => {
  sent = [];
  acts = new Acts({
    send: (name: OperationName, args: object) => {
      sent.push([name, args]);
      return Promise.resolve({ ok: true, rev: 0 });
    },
  } as unknown as Gateway);
  ui.set(initialUi);
  see({});
});

test.each([
  ["3", 3000],
  ["0.432", 432],
  ["0,5", 500],
])("%s and a star make the next item count so much", (typed, quantity_milli) => {
  ui.set({ entry: typed });
  acts.star();
  expect(sent).toEqual([["next_quantity", { quantity_milli }]]);
  expect(ui.get().entry).toBe("");
});

test.each(["0", "4850001234567", "milk", "1.2.3"])("%s and a star mean nothing, and the text stays", (typed) => {
  ui.set({ entry: typed });
  acts.star();
  expect(sent).toEqual([]);
  expect(ui.get().entry).toBe(typed);
});

test("one step back at a time: help, panel, text; a basket is never dropped", () => {
  ui.set({ help: "", panel: "find", entry: "48", selected: "l1" });
  const seen = [];
  for (let step = 0; step < 4; step += 1) {
    acts.back();
    const { help, panel, entry, selected } = ui.get();
    seen.push([help, panel, entry, selected]);
  }
  expect(seen).toEqual([
    [null, "find", "48", "l1"],
    [null, null, "48", "l1"],
    [null, null, "", "l1"],
    [null, null, "", null],
  ]);
  expect(sent).toEqual([]);
});

test("Esc in payment goes back to the sale", () => {
  see({ basket: { ...emptyView.basket, state: "paying" } });
  acts.back();
  expect(sent).toEqual([["back_to_sale", {}]]);
});

test("opening and leaving the price check tells the gateway, so that scanners on wires show prices too", () => {
  acts.open("price-check");
  acts.open("find");
  expect(sent).toEqual([
    ["price_check", { on: true }],
    ["price_check", { on: false }],
  ]);
});

test("PAY needs a line", () => {
  acts.pay();
  see({ basket: { ...emptyView.basket, line_count: 1 } });
  acts.pay();
  expect(sent).toEqual([["pay", {}]]);
});

test("one less than one is not asked for: a line is voided, not emptied", () => {
  const line = { id: "l1", no: 1, name: "", quantity_milli: 1000, quantity_text: "", price_text: "", sum_text: "", discounts: [], voided: false, newest: true };
  see({ basket: { ...emptyView.basket, lines: [line], line_count: 1 } });
  acts.step(-1);
  acts.step(1);
  expect(sent).toEqual([["quantity", { line_id: "l1", quantity_milli: 2000 }]]);
});
