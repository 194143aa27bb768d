/** Less to pay for the chosen line, in percent or as a sum, or another price, with its reason. Whether this person may is the gateway's to say. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { SelectField, TextField } from "../../../kit/fields";
import { moneyKey, readMinor } from "../amounts";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import { Panel } from "../parts/Panel";
import { ReasonField } from "../parts/ReasonField";
import { selectedLine, useUi } from "../ui";
import css from "./panels.module.css";

type Kind = "percent" | "sum" | "price";

/** A percent with two decimals is a rate in 1/10,000, digit for digit. */
const wholeRate = 10_000;

export function DiscountPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const basket = useBasket((all) => all);
  const line = selectedLine(basket, useUi((state) => state.selected));
  const [kind, setKind] = useState<Kind>("percent");
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("agreed");
  const [error, setError] = useState<string | null>(null);
  const reasons = {
    agreed: i18n._({ id: "price.agreed", message: "Agreed with the manager" }),
    damaged: i18n._({ id: "price.damaged", message: "Damaged pack" }),
    shelf: i18n._({ id: "price.shelf", message: "Shelf shows another price" }),
    other: i18n._({ id: "reason.other", message: "Other" }),
  };
  const kinds: Record<Kind, string> = {
    percent: i18n._({ id: "price.percent", message: "Discount, %" }),
    sum: i18n._({ id: "price.sum", message: "Discount, sum" }),
    price: i18n._({ id: "price.new", message: "New price" }),
  };

  async function submit(): Promise<void> {
    const value = readMinor(amount);
    if (!line) return;
    if (value === null || (kind === "percent" && value > wholeRate)) {
      setError(
        kind === "percent"
          ? i18n._({ id: "price.percent-fix", message: "Type a percent from 0 to 100, such as 5 or 12.5." })
          : i18n._({ id: "amount.fix", message: "Type a sum in digits, such as 1500 or 12.50." }),
      );
      return;
    }
    const line_id = line.id;
    const outcome =
      kind === "price"
        ? await gateway.send("price", { line_id, unit_price_minor: value, reason })
        : await gateway.send("discount", {
            line_id,
            rate: kind === "percent" ? value : 0,
            amount_minor: kind === "sum" ? value : 0,
            reason,
          });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
      isTight
      title={i18n._({ id: "price.title", message: "Discount or price of the line" })}
      onSubmit={() => void submit()}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!line}>
          {kind === "price" ? i18n._({ id: "price.set", message: "Set price" }) : i18n._({ id: "price.give", message: "Give the discount" })}
        </Button>
      }
    >
      {line ? (
        <>
          <dl className={css.facts}>
            <dt>{line.name}</dt>
            <dd>{line.price_text}</dd>
          </dl>
          <div className={css.row}>
            <SelectField
              label={i18n._({ id: "price.kind", message: "Kind" })}
              value={kind}
              onChange={(event) => setKind(event.target.value as Kind)}
              data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
            />
            <ReasonField reasons={reasons} value={reason} onChange={setReason} />
          </div>
          <TextField
            big
            label={kinds[kind]}
            inputMode="decimal"
            value={amount}
            error={error}
            onChange={(event) => setAmount(event.target.value)}
            data-first
            data-main-field
          />
          <Keypad onChange={setAmount} third={kind === "percent" ? "." : moneyKey(basket.currency)} />
        </>
      ) : (
        <p className={css.hint}>{i18n._({ id: "line.none", message: "There is no line to change yet. Scan an item first." })}</p>
      )}
    </Panel>
  );
}
