/** After TAKE: change in big digits and the receipt, until the next scan begins the next sale. */
import { useLingui } from "@lingui/react";
import { useEffect, useRef } from "react";
import { Button } from "../../../kit/Button";
import { useSurrounding } from "../context";
import { FiscalState, paperOf } from "../parts/FiscalState";
import { Panel } from "../parts/Panel";
import { Paper } from "../parts/Paper";
import { useView } from "../till";
import css from "./PaymentPanel.module.css";

export function DonePanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const total = useView((view) => view.basket.total_text);
  const currency = useView((view) => view.basket.currency);
  const change = useView((view) => view.payment?.change_text ?? null);
  const receipt = useView((view) => view.receipt);
  const next = useRef<HTMLButtonElement>(null);
  const label = i18n._({ id: "pay.change", message: "CHANGE" });
  useEffect(() => next.current?.focus(), []);

  return (
    <Panel
      stays
      title={i18n._({ id: "done.title", message: "Paid" })}
      aside={`${total} ${currency}`}
      onSubmit={() => acts.nextSale()}
      footer={
        <>
          {receipt && (
            <Button size="pay" onClick={() => void gateway.send("reprint", paperOf(receipt))}>
              {i18n._({ id: "done.copy", message: "Print a copy" })}
            </Button>
          )}
          <Button ref={next} type="submit" look="primary" size="pay" hint="Enter">
            {i18n._({ id: "done.next", message: "Next sale" })}
          </Button>
        </>
      }
    >
      {change && (
        <dl className={css.sums}>
          <div className={css.change}>
            <dt>{label}</dt>
            <dd>
              <output aria-label={label}>{change}</output>
            </dd>
          </div>
        </dl>
      )}
      {receipt && (
        <>
          <FiscalState receipt={receipt} />
          <Paper label={i18n._({ id: "done.receipt", message: "Receipt" })} text={receipt.text} />
        </>
      )}
    </Panel>
  );
}
