/** How the fiscal receipts of the last paper stand. A refused one can be printed at last: it is known that it was not. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import type { State } from "../../../kit/tokens";
import { useSurrounding } from "../context";
import type { FiscalReceipt, Receipt } from "../protocol";
import css from "../panels/panels.module.css";

const marks: Record<FiscalReceipt["state"], State> = {
  pending: "info",
  sending: "info",
  cancelling: "info",
  unknown: "unknown",
  done: "ok",
  refused: "stopped",
};

/** Of the paper as a whole: the worst of its parts. */
const gravity: FiscalReceipt["state"][] = ["refused", "unknown", "cancelling", "sending", "pending", "done"];

export function FiscalState({ receipt }: { receipt: Receipt }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const worst = gravity.find((state) => receipt.fiscal.some((part) => part.state === state));
  const refused = receipt.fiscal.find((part) => part.state === "refused");
  const numbers = receipt.fiscal.flatMap((part) => (part.document_no === null ? [] : [part.document_no])).join(", ");
  const words = refused && explain(i18n, refused.code ?? "FIS-405");
  return (
    <>
      <p className={css.state}>
        <StateMark state={worst ? marks[worst] : "info"} />
        <strong>{receipt.number}</strong>
        {numbers !== "" && <span>{i18n._({ id: "done.fiscal", message: "fiscal {number}", values: { number: numbers } })}</span>}
        {worst && ["pending", "sending", "cancelling"].includes(worst) && (
          <span>{i18n._({ id: "done.printing", message: "the register is printing" })}</span>
        )}
      </p>
      {words && (
        <div className={css.problem} role="alert">
          <p>
            {words.what} {words.kept} {words.do} ({words.code})
          </p>
          <Button onClick={() => void gateway.send("reprint", paperOf(receipt))}>
            {i18n._({ id: "unknown.print", message: "Print again" })}
          </Button>
        </div>
      )}
    </>
  );
}

/** What `reprint` takes: the sale, or the return. */
export const paperOf = (receipt: Receipt): { sale_id: string } | { return_id: string } =>
  receipt.return_id === null ? { sale_id: receipt.sale_id } : { return_id: receipt.return_id };
