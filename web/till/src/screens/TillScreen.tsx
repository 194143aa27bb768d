/** The selling screen: basket left, work right. Panels cover the right column only; the basket stays in sight. */
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import { useBasket } from "../basket";
import { Banners, isOutcome } from "../parts/Banners";
import { Basket } from "../parts/Basket";
import { Entry } from "../parts/Entry";
import { FunctionBar } from "../parts/FunctionBar";
import { LineBar } from "../parts/LineBar";
import { Side } from "../parts/Side";
import { StatusBar } from "../parts/StatusBar";
import { Strip } from "../parts/Strip";
import { TotalBar } from "../parts/TotalBar";
import { AgePanel } from "../panels/AgePanel";
import { ApprovalPanel } from "../panels/ApprovalPanel";
import { CancelSalePanel } from "../panels/CancelSalePanel";
import { ChooserPanel } from "../panels/ChooserPanel";
import { CloseShiftPanel } from "../panels/CloseShiftPanel";
import { CustomerPanel } from "../panels/CustomerPanel";
import { DiscountPanel } from "../panels/DiscountPanel";
import { DonePanel } from "../panels/DonePanel";
import { DrawerPanel } from "../panels/DrawerPanel";
import { FindPanel } from "../panels/FindPanel";
import { HelpPanel } from "../panels/HelpPanel";
import { MorePanel } from "../panels/MorePanel";
import { ParkPanel } from "../panels/ParkPanel";
import { PaymentPanel } from "../panels/PaymentPanel";
import { PriceCheckPanel } from "../panels/PriceCheckPanel";
import { QuantityPanel } from "../panels/QuantityPanel";
import { ReceiptPanel } from "../panels/ReceiptPanel";
import { ReturnPanel } from "../panels/ReturnPanel";
import { StatePanel } from "../panels/StatePanel";
import { UnknownPanel } from "../panels/UnknownPanel";
import { XReportPanel } from "../panels/XReportPanel";
import type { Problem, View } from "../protocol";
import { useTill, useView } from "../till";
import { type PanelName, useUi } from "../ui";
import css from "./TillScreen.module.css";

const panels: Record<PanelName, () => ReactNode> = {
  find: FindPanel,
  "price-check": PriceCheckPanel,
  customer: CustomerPanel,
  discount: DiscountPanel,
  quantity: QuantityPanel,
  park: ParkPanel,
  return: ReturnPanel,
  drawer: DrawerPanel,
  more: MorePanel,
  "cancel-sale": CancelSalePanel,
  "x-report": XReportPanel,
  "close-shift": CloseShiftPanel,
  state: StatePanel,
  receipt: ReceiptPanel,
};

export function TillScreen() {
  const { i18n } = useLingui();
  const isPaying = useBasket((basket) => basket.state !== "open");
  const isCounted = useView((view) => view.shift.state !== "open");
  const unknown = useView(unknownOutcome);
  const panel = useUi((state) => state.panel);
  const isAsked = useBasket((basket) => basket.age_question !== null);
  const isLent = useTill((till) => till.approvalFor !== null);
  const covers = unknown !== null || panel !== null || isPaying || isCounted || isAsked || isLent;
  return (
    <div className={css.page} data-covers={covers || undefined}>
      <StatusBar />
      <main className={css.sale}>
        <h1 className="visually-hidden">{i18n._({ id: "till.title", message: "Till" })}</h1>
        <Entry />
        <Banners />
        <Basket />
        <LineBar />
        <Strip />
      </main>
      <aside className={css.side} aria-label={i18n._({ id: "till.work", message: "Customer, payment and panels" })}>
        <Work unknown={unknown} panel={panel} />
        <Help />
      </aside>
      <div className={css.bottom}>
        <FunctionBar />
        {!covers && <TotalBar />}
      </div>
    </div>
  );
}

/** The first outcome nobody knows yet; it comes before everything else. */
function unknownOutcome(view: View): Problem | null {
  return view.problems.find((problem) => isOutcome(problem.code)) ?? null;
}

function Work({ unknown, panel }: { unknown: Problem | null; panel: PanelName | null }) {
  const payment = useView((view) => view.payment);
  const state = useBasket((basket) => basket.state);
  const isCounted = useView((view) => view.shift.state !== "open");
  const scan = useView((view) => view.last_scan);
  const dismissed = useUi((ui) => ui.dismissedScan);
  const approval = useTill((till) => till.approvalFor);
  const age = useBasket((basket) => basket.age_question);
  if (unknown) return <UnknownPanel key={unknown.code} problem={unknown} />;
  if (age) return <AgePanel question={age} />;
  if (approval) return <ApprovalPanel key={String(approval.error.parameters.request)} waiting={approval} />;
  if (scan?.choices && scan.id !== dismissed) return <ChooserPanel key={scan.id} scan={scan} />;
  if (isCounted) return <CloseShiftPanel />;
  if (panel !== null) {
    const Open = panels[panel];
    return <Open key={panel} />;
  }
  if (state === "done") return <DonePanel />;
  if (state !== "open" && payment) return <PaymentPanel payment={payment} />;
  return <Side />;
}

/** Over the work, which stays as it was underneath. */
function Help() {
  const help = useUi((state) => state.help);
  if (help === null) return null;
  return (
    <div className={css.help}>
      <HelpPanel key={help} code={help} />
    </div>
  );
}
