/** No shift is open: count the float and begin. After a closing, its Z report stands beside. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { moneyKey, readMinor } from "../amounts";
import { useSurrounding } from "../context";
import { Banners } from "../parts/Banners";
import { ShiftFigures } from "../panels/CloseShiftPanel";
import { HelpPanel } from "../panels/HelpPanel";
import { StatePanel } from "../panels/StatePanel";
import { Keypad } from "../parts/Keypad";
import { Paper } from "../parts/Paper";
import { StatusBar } from "../parts/StatusBar";
import { useTill, useView } from "../till";
import { useUi } from "../ui";
import css from "./cards.module.css";

export function OpenShift() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const currency = useView((view) => view.basket.currency);
  const mine = useView((view) => view.lease.mine);
  const z = useView((view) => view.z);
  const refusal = useTill((state) => state.refusal);
  const lost = useTill((state) => state.link !== "open");
  const [float, setFloat] = useState("");
  const [error, setError] = useState<string | null>(null);
  // What was open when the last shift was closed belongs to that shift.
  useEffect(() => acts.close(), [acts]);
  const words = refusal && explain(i18n, refusal.error.code, refusal.error.parameters);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const float_minor = readMinor(float);
    if (float_minor === null) {
      setError(i18n._({ id: "float.fix", message: "Type the cash in the drawer in digits. With an empty drawer type 0." }));
      return;
    }
    setError(null);
    await gateway.send("open_shift", { float_minor });
  }

  return (
    <div className={css.page}>
      <StatusBar />
      <Banners />
      <main className={css.screen}>
        <form className={css.card} onSubmit={(event) => void submit(event)} noValidate>
          <h1>{i18n._({ id: "open.title", message: "Open shift" })}</h1>
          <p className={css.hint}>{i18n._({ id: "open.how", message: "Count the cash in the drawer: this is the float." })}</p>
          <TextField
            big
            autoFocus
            inputMode="decimal"
            label={`${i18n._({ id: "open.float", message: "Float" })}`}
            rightSection={<span className={css.unit}>{currency}</span>}
            rightSectionWidth={64}
            value={float}
            error={error}
            onChange={(event) => setFloat(event.target.value)}
            data-main-field
          />
          {words && (
            <p className={css.problem} role="alert">
              {words.what} {words.kept} {words.do} ({words.code})
            </p>
          )}
          <Keypad onChange={setFloat} third={moneyKey(currency)} />
          <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!mine || lost}>
            {i18n._({ id: "open.open", message: "Start the shift" })}
          </Button>
          <Button look="quiet" hint="Ctrl+L" onClick={() => acts.lock()}>
            {i18n._({ id: "open.other", message: "Someone else works here" })}
          </Button>
        </form>
        {z?.stage === "closed" && (
          <section className={css.card} data-report>
            <h2>{i18n._({ id: "open.closed", message: "Shift {number} is closed", values: { number: z.number } })}</h2>
            <ShiftFigures z={z} />
            <Paper label={i18n._({ id: "open.z", message: "Z report" })} text={z.text} />
          </section>
        )}
      </main>
      <Beside />
    </div>
  );
}

/** What the status bar opens; it covers the right side only. */
function Beside() {
  const { i18n } = useLingui();
  const help = useUi((state) => state.help);
  const panel = useUi((state) => state.panel);
  if (help === null && panel !== "state") return null;
  return (
    <aside className={css.beside} aria-label={i18n._({ id: "till.work", message: "Customer, payment and panels" })}>
      {help === null ? <StatePanel /> : <HelpPanel key={help} code={help} />}
    </aside>
  );
}
