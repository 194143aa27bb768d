import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { draw } from "../testing";
import { NewCard } from "./NewCard";

afterEach(cleanup);

const save = () => act(async () => fireEvent.submit(screen.getByRole("form", { name: "New card" })));

test("digits from the search are the phone; both fields must be filled", async () => {
  const { sent } = draw(<NewCard typed="077 123 499" onBack={() => undefined} onChoose={() => undefined} />);
  await save();
  expect(sent).toEqual([]);
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: " Levon M. " } });
  fireEvent.click(screen.getByRole("checkbox", { name: /agrees to be written to/ }));
  await save();
  expect(sent).toEqual([["enrol_customer", { phone: "077 123 499", name: "Levon M.", consent: true, language: "en" }]]);
});

test("somebody who has this phone already is offered", async () => {
  const error = { code: "CUS-411", parameters: { number: "10233", name: "Lusine M.", customer_id: "c1" } };
  const choose = vi.fn();
  draw(<NewCard typed="Lus" onBack={() => undefined} onChoose={choose} />, {}, { enrol_customer: { ok: false, error } });
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Lus");
  fireEvent.change(screen.getByLabelText("Phone"), { target: { value: "077123456" } });
  await save();
  expect(screen.getByRole("alert").textContent).toContain("10233");
  fireEvent.click(screen.getByRole("button", { name: "Choose Lusine M." }));
  expect(choose).toHaveBeenCalledWith("c1");
});
