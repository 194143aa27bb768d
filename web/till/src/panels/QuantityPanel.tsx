/** How many of the chosen line. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { TextField } from "../../../kit/fields";
import { readMilli, writeMilli } from "../amounts";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import { Panel } from "../parts/Panel";
import { selectedLine, useUi } from "../ui";
import css from "./panels.module.css";

export function QuantityPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const basket = useBasket((all) => all);
  const line = selectedLine(basket, useUi((state) => state.selected));
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<string | null>(null);

  async function submit(): Promise<void> {
    const milli = readMilli(typed);
    if (!line) return;
    if (milli === null || milli === 0) {
      setError(i18n._({ id: "quantity.fix", message: "Type how many, such as 3 or 0.5. To take the line away, use Void line." }));
      return;
    }
    const outcome = await gateway.send("quantity", { line_id: line.id, quantity_milli: milli });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
      title={i18n._({ id: "line.quantity", message: "Quantity" })}
      onSubmit={() => void submit()}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!line}>
          {i18n._({ id: "quantity.set", message: "Set quantity" })}
        </Button>
      }
    >
      {line ? (
        <>
          <dl className={css.facts}>
            <dt>{line.name}</dt>
            <dd>{line.quantity_text}</dd>
          </dl>
          <TextField
            big
            label={i18n._({ id: "quantity.new", message: "New quantity" })}
            inputMode="decimal"
            placeholder={writeMilli(line.quantity_milli)}
            value={typed}
            error={error}
            onChange={(event) => setTyped(event.target.value)}
            data-main-field
          />
          <Keypad onChange={setTyped} third="." />
        </>
      ) : (
        <p className={css.hint}>{i18n._({ id: "line.none", message: "There is no line to change yet. Scan an item first." })}</p>
      )}
    </Panel>
  );
}
