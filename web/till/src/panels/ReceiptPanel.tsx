/** The last receipt, and a copy of it on paper. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { useSurrounding } from "../context";
import { FiscalState, paperOf } from "../parts/FiscalState";
import { Panel } from "../parts/Panel";
import { Paper } from "../parts/Paper";
import { useView } from "../till";

export function ReceiptPanel() {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const receipt = useView((view) => view.receipt);
  if (!receipt) return <Panel title={i18n._({ id: "more.receipt", message: "Last receipt" })}>{null}</Panel>;
  return (
    <Panel
      title={i18n._({ id: "more.receipt", message: "Last receipt" })}
      aside={receipt.total_text}
      footer={
        <Button size="pay" onClick={() => void gateway.send("reprint", paperOf(receipt))}>
          {i18n._({ id: "done.copy", message: "Print a copy" })}
        </Button>
      }
    >
      <FiscalState receipt={receipt} />
      <Paper label={i18n._({ id: "done.receipt", message: "Receipt" })} text={receipt.text} />
    </Panel>
  );
}
