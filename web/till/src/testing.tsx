/** For tests only: a page around a component, with a view of the gateway's and a gateway that writes down what it is asked. */
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { MantineProvider } from "@mantine/core";
import { type RenderResult, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { messages as codes } from "../../../shared/words/en/codes.po";
import { messages as words } from "../words/en/web.po";
import { Acts } from "./acts";
import { SurroundingContext } from "./context";
import type { Gateway, Outcome } from "./gateway";
import type { OperationName, View } from "./protocol";
import { initialTill, till } from "./till";
import { initialUi, ui } from "./ui";

export type Sent = [name: OperationName, args: object];

/** Mantine asks the browser for the scheme; jsdom has nothing to ask. */
window.matchMedia ??= vi.fn(() => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })) as never;
Element.prototype.scrollIntoView ??= () => undefined;

export const emptyView: View = {
  till: { branch: "ABV", till: "t2", number: "2", name: "Till 2", idle_lock_s: 180, volume_percent: 70 },
  operator: { id: "o1", name: "Anna S.", rights: ["sell", "discount", "return", "close_shift"] },
  shift: { number: "0412", state: "open", operator: "Anna S." },
  lease: { mine: true, holder: null },
  link: { online: true, since: null, to_send: 0 },
  printer: { state: "ok" },
  register: { state: "ok" },
  basket: {
    id: "b1",
    state: "open",
    lines: [],
    line_count: 0,
    age_question: null,
    next_quantity_text: null,
    subtotal_text: "0",
    discount_text: null,
    total_minor: 0,
    total_text: "0",
    currency: "AMD",
    customer: null,
  },
  payment: null,
  last_scan: null,
  price_check: null,
  parked: [],
  receipt: null,
  approval: null,
  problems: [],
  z: null,
};

interface Page extends RenderResult {
  sent: Sent[];
}

type Answers = Partial<Record<OperationName, Outcome<OperationName>>>;

/** Draws the children over this view; `answers` are what the gateway says, otherwise yes. */
export function draw(children: ReactNode, view: Partial<View> = {}, answers: Answers = {}): Page {
  i18n.load("en", { ...words, ...codes });
  i18n.activate("en");
  till.set({ ...initialTill, session: { operator: { id: "o1", name: "Anna S." }, rights: [] }, link: "open", view: { ...emptyView, ...view } });
  ui.set(initialUi);
  const sent: Sent[] = [];
  const gateway = {
    send: (name: OperationName, args: object, options: { approval?: string } = {}) => {
      sent.push([name, options.approval ? { ...args, approval: options.approval } : args]);
      return Promise.resolve(answers[name] ?? { ok: true, rev: 0, result: undefined });
    },
    approve: (_pin: string, request: string) => Promise.resolve({ ok: true, result: { approval: request, approved_by: "Mariam" } }),
  } as unknown as Gateway;
  const surrounding = {
    gateway,
    acts: new Acts(gateway),
    sounds: { play: () => undefined } as never,
    scans: { whenTyped: (act: () => void) => act(), stop: () => undefined },
    onScan: () => () => undefined,
  };
  const page = render(
    <MantineProvider>
      <I18nProvider i18n={i18n}>
        <SurroundingContext value={surrounding}>{children}</SurroundingContext>
      </I18nProvider>
    </MantineProvider>,
  );
  return { ...page, sent };
}
