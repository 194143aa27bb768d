/** Drop the whole sale before payment, with its reason. It stays on record. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { ReasonField } from "../parts/ReasonField";
import css from "./panels.module.css";

export function CancelSalePanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const count = useBasket((basket) => basket.line_count);
  const total = useBasket((basket) => basket.total_text);
  const [reason, setReason] = useState("left");
  const reasons = {
    left: i18n._({ id: "cancel.left", message: "Customer changed their mind" }),
    money: i18n._({ id: "cancel.money", message: "Not enough money" }),
    mistake: i18n._({ id: "cancel.mistake", message: "Entered by mistake" }),
    other: i18n._({ id: "reason.other", message: "Other" }),
  };

  async function submit(): Promise<void> {
    const outcome = await gateway.send("cancel_sale", { reason });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
      title={i18n._({ id: "cancel.title", message: "Cancel sale" })}
      aside={total}
      footer={
        <Button look="stop" size="pay" disabled={count === 0} onClick={() => void submit()}>
          {i18n._({ id: "cancel.title", message: "Cancel sale" })}
        </Button>
      }
    >
      <p className={css.what}>
        {i18n._({
          id: "cancel.what",
          message: "{count, plural, one {# line leaves the basket.} other {# lines leave the basket.}}",
          values: { count },
        })}
      </p>
      <p className={css.hint}>{i18n._({ id: "cancel.kept", message: "The sale stays on record with your name and the reason. To keep it for later, park it (F7)." })}</p>
      <ReasonField reasons={reasons} value={reason} onChange={setReason} />
    </Panel>
  );
}
