/** After TAKE: change in big digits and the receipt, until the next scan begins the next sale. */
import { useLingui } from "@lingui/react";
import { useEffect, useRef } from "react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { useView } from "../till";
import css from "./panels.module.css";
import pay from "./PaymentPanel.module.css";

export function DonePanel() {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
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
      onSubmit={() => void gateway.send("back_to_sale", {})}
      footer={
        <>
          {receipt && (
            <Button size="pay" onClick={() => void gateway.send("reprint", { sale_id: receipt.sale_id })}>
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
        <dl className={pay.sums}>
          <div className={pay.change}>
            <dt>{label}</dt>
            <dd>
              <output aria-label={label}>{change}</output>
            </dd>
          </div>
        </dl>
      )}
      {receipt && (
        <>
          <p className={css.state}>
            <StateMark state={receipt.fiscal ? "ok" : "info"} />
            <strong>{receipt.number}</strong>
            {receipt.fiscal && <span>{i18n._({ id: "done.fiscal", message: "fiscal {number}", values: { number: receipt.fiscal } })}</span>}
          </p>
          <div className={css.scroll} tabIndex={0} role="region" aria-label={i18n._({ id: "done.receipt", message: "Receipt" })}>
            <pre className={css.paper}>{receipt.text}</pre>
          </div>
        </>
      )}
    </Panel>
  );
}
