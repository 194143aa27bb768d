import { act, cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import type { Line, Payment, Problem, Receipt, View, ZReport } from "../protocol";
import { draw, emptyView } from "../testing";
import { till } from "../till";
import { ui } from "../ui";
import { TillScreen } from "./TillScreen";

afterEach(cleanup);

const line = (no: number, more: Partial<Line> = {}): Line => ({
  id: `l${no}`,
  no,
  name: `Item ${no}`,
  quantity_milli: 1000,
  quantity_text: "1",
  price_text: "620",
  sum_text: "620",
  discounts: [],
  voided: false,
  newest: false,
  ...more,
});

const selling = (lines: Line[], more: Partial<View["basket"]> = {}): Partial<View> => ({
  basket: { ...emptyView.basket, lines, line_count: lines.length, total_text: "7,109", ...more },
});

const payment: Payment = {
  due_minor: 710_900,
  due_text: "7,109",
  left_minor: 310_900,
  left_text: "3,109",
  rounding_text: "+1",
  left_in_cash_text: "3,110",
  tenders: [],
  suggestions: [{ minor: 311_000, text: "3,110" }, { minor: 500_000, text: "5,000" }],
  change_text: null,
};

const paying = (more: Partial<Payment> = {}): Partial<View> => ({ ...selling([line(1)], { state: "paying" }), payment: { ...payment, ...more } });

const receipt: Receipt = {
  kind: "sale",
  number: "0412-0088",
  of_id: "s1",
  sale_id: "s1",
  return_id: null,
  total_text: "7,109",
  fiscal: [{ receipt_id: "r1", state: "done", document_no: 5521, code: null, part: 1, parts: 1 }],
  text: "TOTAL  7,109",
};

const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });
const press = (key: string, target: Element = document.activeElement ?? document.body) => fireEvent.keyDown(target, { key });

describe("selling", () => {
  test("the words of UX.md are the accessible names", () => {
    draw(<TillScreen />, selling([line(1, { newest: true })]));
    for (const name of ["PAY", "Find", "Customer", "Discount", "Park", "Return", "Drawer", "More", "Help", "Void line"]) {
      expect(button(name).tagName).toBe("BUTTON");
    }
    expect(screen.getByLabelText("TOTAL").textContent).toBe("7,109");
    expect(screen.getByLabelText("Scan, type a code, or start a name").tagName).toBe("INPUT");
  });

  test("nothing in the basket, nothing to pay", () => {
    draw(<TillScreen />);
    expect(button("PAY").disabled).toBe(true);
    expect(screen.getByText("Scan the first item")).toBeTruthy();
  });

  test("a typed code goes to the gateway as it was typed; an empty field sends nothing", () => {
    const { sent } = draw(<TillScreen />, selling([line(1)]));
    const field = screen.getByLabelText("Scan, type a code, or start a name");
    fireEvent.submit(field.closest("form")!);
    fireEvent.change(field, { target: { value: " 10482 " } });
    fireEvent.submit(field.closest("form")!);
    expect(sent).toEqual([["scan", { raw: "10482", source: "typed" }]]);
    expect((field as HTMLInputElement).value).toBe("");
  });

  test("a first letter opens Find with what was typed", () => {
    draw(<TillScreen />, selling([]));
    fireEvent.change(screen.getByLabelText("Scan, type a code, or start a name"), { target: { value: "mi" } });
    expect(screen.getByLabelText<HTMLInputElement>("Name, code or article").value).toBe("mi");
    expect(ui.get().entry).toBe("");
  });

  test("acts mean the newest line until another one is chosen; a void line takes none", () => {
    const { sent } = draw(<TillScreen />, selling([line(1), line(2), line(3, { newest: true, voided: true })]));
    fireEvent.click(button("Void line"));
    fireEvent.click(screen.getByText("Item 1"));
    fireEvent.click(button("Plus one"));
    expect(sent).toEqual([
      ["void_line", { line_id: "l2" }],
      ["quantity", { line_id: "l1", quantity_milli: 2000 }],
    ]);
  });

  test("lines that are not shown are counted", () => {
    draw(<TillScreen />, selling([line(41), line(42)], { line_count: 42 }));
    expect(screen.getByText("40 earlier lines count and are not shown")).toBeTruthy();
  });

  test("a missing right shows a lock's words instead of the panel", () => {
    draw(<TillScreen />, { ...selling([line(1)]), operator: { id: "o", name: "New", rights: ["sell"] } });
    fireEvent.click(button("More"));
    fireEvent.click(button("Close shift"));
    expect(screen.queryByLabelText("Counted cash")).toBeNull();
    expect(screen.getByText(/This needs the right: close a shift/)).toBeTruthy();
  });

  test("what a second person may allow opens without the right", () => {
    draw(<TillScreen />, { ...selling([line(1)]), operator: { id: "o", name: "New", rights: ["sell"] } });
    fireEvent.click(button("Return"));
    expect(screen.getByLabelText("Sale number")).toBeTruthy();
  });

  test("another window's till is read-only and can be taken over", () => {
    const { sent } = draw(<TillScreen />, { ...selling([line(1)]), lease: { mine: false, holder: "Anna S." } });
    expect(button("PAY").disabled).toBe(true);
    expect(screen.getByLabelText<HTMLInputElement>("Scan, type a code, or start a name").disabled).toBe(true);
    fireEvent.click(button("Use the till here"));
    expect(sent).toEqual([["claim", {}]]);
  });

  test("without the gateway PAY says what it waits for", () => {
    draw(<TillScreen />, selling([line(1)]));
    act(() => till.set({ link: "lost", unanswered: 3 }));
    expect(button("Waiting for the gateway").disabled).toBe(true);
    expect(screen.getByText(/Scans held here: 3 of 50/)).toBeTruthy();
  });

  test("one barcode of several products: a digit chooses, and nothing is added before", async () => {
    const product = { code: "A1", barcodes: [], price_minor: 1, price_text: "620", stock_text: "5" };
    const choices = [{ ...product, product_id: "p1", name: "Milk" }, { ...product, product_id: "p2", name: "Milk, six" }];
    const { sent } = draw(<TillScreen />, { last_scan: { id: "s1", kind: "look", code: "SCN-202", text: "Several products", choices } });
    expect(sent).toEqual([]);
    fireEvent.click(screen.getByRole("button", { name: /Milk, six/ }));
    expect(sent).toEqual([["add", { product_id: "p2" }]]);
  });
});

describe("age", () => {
  const asked = selling([line(1)], { age_question: { items: ["Areni dry red", "Hunting knife"], age: 21, born_by: "2005-11-21" } });

  test("is asked for the strictest item; Enter answers nothing", () => {
    const { sent } = draw(<TillScreen />, asked);
    const panel = screen.getByRole("form", { name: "21+: born on or before 2005-11-21" });
    expect(within(panel).getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Areni dry red", "Hunting knife"]);
    fireEvent.keyDown(panel, { key: "Enter" });
    fireEvent.submit(panel);
    expect(sent).toEqual([]);
    fireEvent.click(within(panel).getByRole("button", { name: "Old enough" }));
    expect(sent).toEqual([["age", { answer: "yes" }]]);
  });

  test("N removes what waits", () => {
    const { sent } = draw(<TillScreen />, asked);
    fireEvent.click(button("Not old enough, remove"));
    expect(sent).toEqual([["age", { answer: "no" }]]);
  });
});

describe("paying", () => {
  test("Enter with no sum takes what is left, in the chosen form", () => {
    const { sent } = draw(<TillScreen />, paying());
    fireEvent.click(screen.getByRole("radio", { name: "Card" }));
    fireEvent.keyDown(screen.getByRole("radio", { name: "Card" }), { key: "Enter" });
    expect(sent).toEqual([["tender", { form: "card", amount_minor: null }]]);
  });

  test("a typed sum and a suggestion are sent as minor units", async () => {
    const { sent } = draw(<TillScreen />, paying());
    fireEvent.change(screen.getByLabelText("Given"), { target: { value: "5,000" } });
    fireEvent.submit(screen.getByRole("form", { name: "PAY" }));
    fireEvent.click(button("5,000"));
    expect(sent).toEqual([
      ["tender", { form: "cash", amount_minor: 500_000 }],
      ["tender", { form: "cash", amount_minor: 500_000 }],
    ]);
  });

  test("what is no sum is not sent, and the field says the fix", () => {
    const { sent } = draw(<TillScreen />, paying());
    fireEvent.change(screen.getByLabelText("Given"), { target: { value: "1.2.3" } });
    fireEvent.submit(screen.getByRole("form", { name: "PAY" }));
    expect(sent).toEqual([]);
    expect(screen.getByText("Type a sum in digits, such as 1500 or 12.50.")).toBeTruthy();
  });

  test("TAKE with nothing left completes; the change is the gateway's text", async () => {
    const { sent } = draw(<TillScreen />, paying({ left_minor: 0, change_text: "1,890" }));
    expect(screen.getByLabelText("CHANGE").textContent).toBe("1,890");
    await act(async () => fireEvent.click(button("TAKE")));
    expect(sent).toEqual([["take", {}]]);
  });

  test("a customer who wants no paper gets none of the receipt printer", () => {
    const { sent } = draw(<TillScreen />, paying({ left_minor: 0, left_text: "0", change_text: "0" }));
    fireEvent.click(screen.getByRole("radio", { name: "none" }));
    fireEvent.click(button("TAKE"));
    expect(sent).toEqual([["take", { receipt: "none" }]]);
  });

  test("TAKE with something left takes that first, and completes only when it was enough", async () => {
    const { sent } = draw(<TillScreen />, paying());
    await act(async () => fireEvent.click(button("TAKE")));
    expect(sent).toEqual([["tender", { form: "cash", amount_minor: null }]]); // the view still shows something left
  });

  test("a card waits for the cashier's word; Enter and TAKE do nothing meanwhile", () => {
    const { sent } = draw(<TillScreen />, paying({ tenders: [{ id: "t1", form: "card", amount_text: "3,000", state: "waiting" }] }));
    expect(button("TAKE").disabled).toBe(true);
    fireEvent.submit(screen.getByRole("form", { name: "PAY" }));
    expect(sent).toEqual([]);
    fireEvent.click(button("Declined"));
    expect(sent).toEqual([["confirm_card", { tender_id: "t1", outcome: "declined" }]]);
  });

  test("a card being given back asks for that, not for an approval", () => {
    const { sent } = draw(<TillScreen />, paying({ tenders: [{ id: "t1", form: "card", amount_text: "3,000", state: "reversing" }] }));
    expect(screen.queryByRole("button", { name: "Approved" })).toBeNull();
    fireEvent.click(button("Given back"));
    expect(sent).toEqual([["confirm_card", { tender_id: "t1", outcome: "reversed" }]]);
  });
});

describe("an outcome nobody knows", () => {
  const asking: Problem = { code: "FIS-502", parameters: { receipt_id: "r1", stage: "asking" }, since: "2026-11-21T14:02:11Z" };
  const unresolved = { ...selling([line(1)], { state: "unresolved" }), receipt };

  test("offers neither PAY nor TAKE nor printing again before the register has answered", () => {
    draw(<TillScreen />, { ...unresolved, problems: [asking] });
    const names = screen.getAllByRole("button").map((one) => one.textContent);
    expect(names.filter((name) => /PAY|TAKE|rint/.test(name ?? "") && !name?.startsWith("Printer"))).toEqual([]);
    expect(screen.getByRole("alert").textContent).toContain("The register has not said whether the receipt printed.");
  });

  test("is a person's to say only when the register stays silent", () => {
    const { sent } = draw(<TillScreen />, { ...unresolved, problems: [{ ...asking, parameters: { receipt_id: "r1", stage: "silent" } }] });
    fireEvent.change(screen.getByLabelText("Number on the paper, if it printed"), { target: { value: "5522" } });
    fireEvent.click(button("It printed"));
    fireEvent.click(button("It did not print"));
    expect(sent).toEqual([
      ["settle_unknown", { receipt_id: "r1", answer: "printed", document_no: 5522 }],
      ["settle_unknown", { receipt_id: "r1", answer: "not_printed" }],
    ]);
  });

  test("of a card is settled by what its slip says", () => {
    const problem: Problem = { code: "PAY-501", parameters: { tender_id: "t1", amount: "3,000" }, since: null };
    const { sent } = draw(<TillScreen />, { ...paying(), problems: [problem] });
    expect(screen.queryByRole("button", { name: "TAKE" })).toBeNull();
    fireEvent.click(button("Slip says approved"));
    expect(sent).toEqual([["confirm_card", { tender_id: "t1", outcome: "approved" }]]);
  });
});

describe("a finished sale", () => {
  const done: Partial<View> = { ...selling([line(1)], { state: "done" }), payment: { ...payment, left_minor: 0, change_text: "1,890" }, receipt };

  test("shows change and receipt until the next sale; the next sale begins empty", () => {
    const { sent } = draw(<TillScreen />, done);
    expect(screen.getByLabelText("CHANGE").textContent).toBe("1,890");
    expect(screen.getByText("TOTAL 7,109")).toBeTruthy();
    expect(screen.getByText("fiscal 5521")).toBeTruthy();
    fireEvent.submit(screen.getByRole("form", { name: "Paid" }));
    expect(screen.getByText("Scan the first item")).toBeTruthy();
    expect(screen.getByLabelText("TOTAL").textContent).toBe("0");
    expect(sent).toEqual([]);
  });

  test("whose receipt the register refused can be printed at last", () => {
    const refused = { ...receipt, fiscal: [{ ...receipt.fiscal[0]!, state: "refused" as const, document_no: null, code: "FIS-405" }] };
    const { sent } = draw(<TillScreen />, { ...done, receipt: refused });
    fireEvent.click(button("Print again"));
    expect(sent).toEqual([["reprint", { sale_id: "s1" }]]);
  });
});

describe("closing a shift", () => {
  const z: ZReport = {
    stage: "compare",
    number: "0412",
    sales: 88,
    returns: 1,
    sold_text: "611,450",
    returned_text: "3,705",
    closure_no: null,
    counted_text: "141,000",
    expected_text: "141,500",
    difference_text: "−500",
    difference_minor: -50_000,
    slips_text: "86,300",
    slips_expected_text: "86,300",
    text: "",
  };

  test("is blind: the count is stated without any figure of the till", () => {
    const { sent, container } = draw(<TillScreen />);
    act(() => ui.set({ panel: "close-shift" }));
    expect(container.textContent).not.toContain("Expected");
    fireEvent.change(screen.getByLabelText("Counted cash"), { target: { value: "141000" } });
    fireEvent.change(screen.getByLabelText("Card slips"), { target: { value: "86,300" } });
    fireEvent.click(button("I HAVE COUNTED"));
    expect(sent).toEqual([
      ["count_cash", { pieces: [] }],
      ["count_shift", { counted_minor: 14_100_000, slips_minor: 8_630_000 }],
    ]);
  });

  test("notes and coins go as they were counted; what they make is the gateway's answer", async () => {
    const denominations = [{ value_minor: 2_000_000, value_text: "20,000" }, { value_minor: 50_000, value_text: "500" }];
    const answers = { count_cash: { ok: true, rev: 0, result: { sum_text: "63,500", denominations } } } as const;
    const { sent } = draw(<TillScreen />, {}, answers);
    await act(async () => ui.set({ panel: "close-shift" }));
    await act(async () => fireEvent.change(screen.getByLabelText("20,000"), { target: { value: "3" } }));
    await act(async () => fireEvent.change(screen.getByLabelText("500"), { target: { value: "7" } }));
    expect(screen.getByLabelText<HTMLInputElement>("Counted cash").value).toBe("63,500");
    await act(async () => fireEvent.click(button("I HAVE COUNTED")));
    expect(sent.filter(([name]) => name === "count_shift")).toEqual([["count_shift", { pieces: [[50_000, 7], [2_000_000, 3]], slips_minor: 0 }]]);
  });

  test("a sum typed by hand takes the place of the notes", async () => {
    const denominations = [{ value_minor: 50_000, value_text: "500" }];
    const answers = { count_cash: { ok: true, rev: 0, result: { sum_text: "3,500", denominations } } } as const;
    const { sent } = draw(<TillScreen />, {}, answers);
    await act(async () => ui.set({ panel: "close-shift" }));
    await act(async () => fireEvent.change(screen.getByLabelText("500"), { target: { value: "7" } }));
    await act(async () => fireEvent.change(screen.getByLabelText("Counted cash"), { target: { value: "3000" } }));
    expect(screen.getByLabelText<HTMLInputElement>("500").value).toBe("");
    await act(async () => fireEvent.click(button("I HAVE COUNTED")));
    expect(sent.filter(([name]) => name === "count_shift")).toEqual([["count_shift", { counted_minor: 300_000, slips_minor: 0 }]]);
  });

  test("going on selling keeps what was counted so far", () => {
    draw(<TillScreen />);
    act(() => ui.set({ panel: "close-shift" }));
    fireEvent.change(screen.getByLabelText("Counted cash"), { target: { value: "141000" } });
    fireEvent.click(button("Save and go on selling"));
    act(() => ui.set({ panel: "close-shift" }));
    expect(screen.getByLabelText<HTMLInputElement>("Counted cash").value).toBe("141000");
  });

  test("once counted the difference is there, and there is no way back to selling", () => {
    const { sent } = draw(<TillScreen />, { shift: { number: "0412", state: "counted", operator: "Anna S." }, z });
    expect(screen.getByLabelText("Difference").textContent).toBe("−500");
    expect(screen.queryByRole("button", { name: "PAY" })).toBeNull();
    expect(button("Find").disabled).toBe(true);
    fireEvent.click(button("Print Z and close"));
    expect(sent).toEqual([["close_shift", {}]]);
  });
});

describe("returning", () => {
  const sale = {
    sale_id: "s0",
    number: "0410-0007",
    date_text: "19.11",
    till_text: "Till 1",
    operator: "Anna S.",
    total_text: "7,109",
    lines: [
      { line_no: 1, name: "Coffee", left_milli: 2000, left_text: "2", sold_text: "2", sum_text: "7,800" },
      { line_no: 2, name: "Bread", left_milli: 0, left_text: "0", sold_text: "1", sum_text: "350" },
    ],
  };
  const answers = {
    find_sale: { ok: true as const, rev: 0, result: { sale } },
    quote_return: { ok: true as const, rev: 0, result: { refund_text: "3,705", forms: [{ form: "cash" as const, text: "3,705" }] } },
    return_lines: { ok: true as const, rev: 0, result: { return_id: "x1", number: "0412-R4" } },
  };

  test("asks what would go back before anything goes, and sends exactly that", async () => {
    const { sent } = draw(<TillScreen />, {}, answers);
    await act(async () => ui.set({ panel: "return" }));
    fireEvent.change(screen.getByLabelText("Sale number"), { target: { value: "0410-0007" } });
    await act(async () => fireEvent.submit(screen.getByRole("form", { name: "Return" })));
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: /Bread/ }).disabled).toBe(true);
    await act(async () => fireEvent.click(screen.getByRole("checkbox", { name: /Coffee/ })));
    await act(async () => fireEvent.click(button("Minus one")));
    await act(async () => fireEvent.change(screen.getByLabelText("State"), { target: { value: "problem" } }));
    expect(screen.getAllByText("3,705")).toHaveLength(2);
    await act(async () => fireEvent.click(button("REFUND")));
    const lines = [{ line_no: 1, quantity_milli: 1000, reason: "unsuitable", condition: "problem" }];
    expect(sent.at(-1)).toEqual(["return_lines", { sale_id: "s0", lines }]);
    expect(screen.getByText("Returned. 0412-R4")).toBeTruthy();
  });
});

describe("help", () => {
  test("explains any code, beside the work", () => {
    draw(<TillScreen />, paying());
    fireEvent.click(button("Help"));
    fireEvent.change(screen.getByLabelText("Code, such as FIS-502"), { target: { value: "fis-502" } });
    const help = within(screen.getByRole("form", { name: "Help" }));
    expect(help.getByText("The register has not said whether the receipt printed.")).toBeTruthy();
    expect(screen.getByRole("form", { name: "PAY" })).toBeTruthy();
  });
});

test("Escape in a panel is left to the page, which steps back once", () => {
  draw(<TillScreen />, selling([line(1)]));
  act(() => ui.set({ panel: "find" }));
  expect(press("Escape")).toBe(true);
});
