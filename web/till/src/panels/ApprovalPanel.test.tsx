import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { draw, emptyView } from "../testing";
import { type WaitingForApproval, till } from "../till";
import { ApprovalPanel } from "./ApprovalPanel";

afterEach(cleanup);

const waiting: WaitingForApproval = {
  name: "discount",
  args: { line_id: "l1", rate: 500, amount_minor: 0, reason: "agreed" },
  error: { code: "USR-250", parameters: { right: "discount", request: "r1", item: "Coffee", amount: "195", reason: "agreed" } },
};

test("shows of what, how much and why, and sends the act again with the approval of a PIN", async () => {
  const { sent } = draw(<ApprovalPanel waiting={waiting} />);
  expect(screen.getByText(/approval of a person with the right: give a discount/)).toBeTruthy();
  for (const word of ["Coffee", "195", "Agreed with the manager"]) expect(screen.getByText(word)).toBeTruthy();
  fireEvent.change(screen.getByLabelText("PIN of that person"), { target: { value: "654321" } });
  await act(async () => fireEvent.submit(screen.getByRole("form", { name: "Needs approval" })));
  expect(sent).toEqual([["discount", { ...waiting.args, approval: "r1" }]]);
});

test("a badge under the till's scanner does the same, and the act is sent once", async () => {
  const { sent } = draw(<ApprovalPanel waiting={waiting} />);
  const approval = { request: "r1", approved_by: "Mariam" };
  await act(async () => till.set({ view: { ...emptyView, approval } }));
  await act(async () => till.set({ view: { ...emptyView, approval: { ...approval } } }));
  expect(sent).toEqual([["discount", { ...waiting.args, approval: "r1" }]]);
});

test("an approval of something else is not this one's", async () => {
  const { sent } = draw(<ApprovalPanel waiting={waiting} />);
  await act(async () => till.set({ view: { ...emptyView, approval: { request: "r2", approved_by: "Mariam" } } }));
  expect(sent).toEqual([]);
});

test("going back gives it up at the gateway, too", async () => {
  const { sent } = draw(<ApprovalPanel waiting={waiting} />);
  await act(async () => till.set({ approvalFor: waiting }));
  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Back" })));
  expect(sent).toEqual([["drop_approval", { request: "r1" }]]);
  expect(till.get().approvalFor).toBeNull();
});
