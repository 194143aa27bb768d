/** Another price for the chosen line, with its reason. Whether this person may is the gateway's to say. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { TextField } from "../../../kit/fields";
import { moneyKey, readMinor } from "../amounts";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import { Panel } from "../parts/Panel";
import { ReasonField } from "../parts/ReasonField";
import { useView } from "../till";
import { selectedLine, useUi } from "../ui";
import css from "./panels.module.css";

export function DiscountPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const basket = useView((view) => view.basket);
  const line = selectedLine(basket, useUi((state) => state.selected));
  const [price, setPrice] = useState("");
  const [reason, setReason] = useState("agreed");
  const [error, setError] = useState<string | null>(null);
  const reasons = {
    agreed: i18n._({ id: "price.agreed", message: "Agreed with the manager" }),
    damaged: i18n._({ id: "price.damaged", message: "Damaged pack" }),
    shelf: i18n._({ id: "price.shelf", message: "Shelf shows another price" }),
    other: i18n._({ id: "reason.other", message: "Other" }),
  };

  async function submit(): Promise<void> {
    const minor = readMinor(price);
    if (!line) return;
    if (minor === null) {
      setError(i18n._({ id: "amount.fix", message: "Type a sum in digits, such as 1500 or 12.50." }));
      return;
    }
    const outcome = await gateway.send("price", { line_id: line.id, unit_price_minor: minor, reason });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
      title={i18n._({ id: "price.title", message: "Discount or price of the line" })}
      onSubmit={() => void submit()}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!line}>
          {i18n._({ id: "price.set", message: "Set price" })}
        </Button>
      }
    >
      {line ? (
        <>
          <dl className={css.facts}>
            <dt>{line.name}</dt>
            <dd>{line.price_text}</dd>
          </dl>
          <TextField
            big
            label={i18n._({ id: "price.new", message: "New price" })}
            inputMode="decimal"
            value={price}
            error={error}
            onChange={(event) => setPrice(event.target.value)}
            data-main-field
          />
          <ReasonField reasons={reasons} value={reason} onChange={setReason} />
          <Keypad onChange={setPrice} third={moneyKey(basket.currency)} />
        </>
      ) : (
        <p className={css.hint}>{i18n._({ id: "line.none", message: "There is no line to change yet. Scan an item first." })}</p>
      )}
    </Panel>
  );
}
