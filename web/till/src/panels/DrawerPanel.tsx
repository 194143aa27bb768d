/** The drawer: cash in and out without a sale, or open it for a reason. */
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
import css from "./panels.module.css";

export function DrawerPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const currency = useView((view) => view.basket.currency);
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("change");
  const [error, setError] = useState<string | null>(null);
  const reasons = {
    change: i18n._({ id: "drawer.change", message: "Small change" }),
    bank: i18n._({ id: "drawer.bank", message: "To the bank or safe" }),
    expense: i18n._({ id: "drawer.expense", message: "Expense of the shop" }),
    other: i18n._({ id: "reason.other", message: "Other" }),
  };

  async function move(direction: 1 | -1): Promise<void> {
    const minor = readMinor(amount);
    if (minor === null || minor === 0) {
      setError(i18n._({ id: "amount.fix", message: "Type a sum in digits, such as 1500 or 12.50." }));
      return;
    }
    const outcome = await gateway.send("cash_movement", { amount_minor: direction * minor, reason });
    if (outcome.ok) acts.close();
  }

  async function open(): Promise<void> {
    const outcome = await gateway.send("open_drawer", { reason });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
      isTight
      title={i18n._({ id: "drawer.title", message: "Drawer" })}
      footer={
        <>
          <Button size="pay" onClick={() => void move(1)}>
            {i18n._({ id: "drawer.in", message: "Cash in" })}
          </Button>
          <Button size="pay" onClick={() => void move(-1)}>
            {i18n._({ id: "drawer.out", message: "Cash out" })}
          </Button>
        </>
      }
    >
      <TextField
        big
        label={i18n._({ id: "drawer.sum", message: "Sum" })}
        inputMode="decimal"
        value={amount}
        error={error}
        onChange={(event) => setAmount(event.target.value)}
        data-main-field
      />
      <ReasonField reasons={reasons} value={reason} onChange={setReason} />
      <Keypad onChange={setAmount} third={moneyKey(currency)} />
      <div className={css.block}>
        <p>{i18n._({ id: "drawer.no-sale", message: "Opening without a sale is noted with your name and the reason." })}</p>
        <Button onClick={() => void open()}>{i18n._({ id: "drawer.open", message: "Open the drawer" })}</Button>
      </div>
    </Panel>
  );
}
