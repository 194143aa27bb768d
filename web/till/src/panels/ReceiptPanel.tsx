/** The last receipt, and a copy of it on paper. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { useView } from "../till";
import css from "./panels.module.css";

export function ReceiptPanel() {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const receipt = useView((view) => view.receipt);
  if (!receipt) return <Panel title={i18n._({ id: "more.receipt", message: "Last receipt" })}>{null}</Panel>;
  return (
    <Panel
      title={i18n._({ id: "more.receipt", message: "Last receipt" })}
      aside={receipt.number}
      footer={
        <Button size="pay" onClick={() => void gateway.send("reprint", { sale_id: receipt.sale_id })}>
          {i18n._({ id: "done.copy", message: "Print a copy" })}
        </Button>
      }
    >
      <div className={css.scroll} tabIndex={0} role="region" aria-label={i18n._({ id: "done.receipt", message: "Receipt" })}>
        <pre className={css.paper}>{receipt.text}</pre>
      </div>
    </Panel>
  );
}
