/**
 * Closing a shift, blind: count, submit once, then compare, then the Z report.
 * What never breaks: before "I HAVE COUNTED" no expected sum is on the page; the gateway does not send one.
 */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { TextField } from "../../../kit/fields";
import { readMinor } from "../amounts";
import { CashGrid, piecesOf } from "../parts/CashGrid";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import type { ZReport } from "../protocol";
import { useView } from "../till";
import { noCount, ui, useUi } from "../ui";
import css from "./panels.module.css";

export function CloseShiftPanel() {
  const z = useView((view) => view.z);
  return z && z.stage === "compare" ? <Compare z={z} /> : <Count />;
}

function useTitle(): string {
  const { i18n } = useLingui();
  const number = useView((view) => view.shift.number);
  return i18n._({ id: "shift.close", message: "Close shift {number}", values: { number: number ?? "" } });
}

/** 1 count, 2 compare, 3 Z report. */
function Steps({ at }: { at: 1 | 2 | 3 }) {
  const { i18n } = useLingui();
  const steps = [
    i18n._({ id: "shift.step-count", message: "1 Count" }),
    i18n._({ id: "shift.step-compare", message: "2 Compare" }),
    i18n._({ id: "shift.step-z", message: "3 Z report" }),
  ];
  return (
    <ol className={css.steps}>
      {steps.map((step, index) => (
        <li key={step} aria-current={index + 1 === at ? "step" : undefined}>
          {step}
        </li>
      ))}
    </ol>
  );
}

function Count() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const title = useTitle();
  const parked = useView((view) => view.parked.length);
  const count = useUi((state) => state.count);
  const { cash, slips } = count;
  const [error, setError] = useState<{ field: "cash" | "slips"; text: string } | null>(null);

  async function submit(): Promise<void> {
    const pieces = piecesOf(count.pieces);
    const counted_minor = readMinor(cash);
    const slips_minor = slips.trim() === "" ? 0 : readMinor(slips);
    const fix = i18n._({ id: "amount.fix", message: "Type a sum in digits, such as 1500 or 12.50." });
    if (pieces === null) setError({ field: "cash", text: i18n._({ id: "count.fix", message: "Type how many there are, in digits." }) });
    else if (pieces.length === 0 && counted_minor === null) setError({ field: "cash", text: fix });
    else if (slips_minor === null) setError({ field: "slips", text: fix });
    else {
      setError(null);
      // Notes and coins go as they were counted: what they make is the gateway's to say.
      const counted = pieces.length > 0 ? { pieces } : { counted_minor: counted_minor! };
      const outcome = await gateway.send("count_shift", { ...counted, slips_minor });
      if (outcome.ok) ui.set({ count: noCount });
    }
  }

  return (
    <Panel
      title={title}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button size="pay" onClick={() => acts.close()}>
            {i18n._({ id: "shift.go-on", message: "Save and go on selling" })}
          </Button>
          <Button type="submit" look="primary" size="pay">
            {i18n._({ id: "shift.counted", message: "I HAVE COUNTED" })}
          </Button>
        </>
      }
    >
      <Steps at={1} />
      <CashGrid count={count} />
      <TextField
        big
        label={i18n._({ id: "shift.cash", message: "Counted cash" })}
        inputMode="decimal"
        value={cash}
        error={error?.field === "cash" && error.text}
        onChange={(event) => ui.set({ count: { cash: event.target.value, slips, pieces: noCount.pieces } })}
        data-first
        data-main-field
      />
      <TextField
        big
        label={i18n._({ id: "shift.slips", message: "Card slips" })}
        inputMode="decimal"
        value={slips}
        error={error?.field === "slips" && error.text}
        onChange={(event) => ui.set({ count: { ...count, slips: event.target.value } })}
      />
      <p className={css.hint}>{i18n._({ id: "shift.blind", message: "What the till expects is shown after you submit." })}</p>
      {parked > 0 && (
        <div className={css.block}>
          <p>
            {i18n._({
              id: "shift.parked",
              message: "{count, plural, one {To settle first: # parked sale.} other {To settle first: # parked sales.}}",
              values: { count: parked },
            })}
          </p>
          <Button onClick={() => acts.open("park")}>{i18n._({ id: "shift.open-parked", message: "Show them" })}</Button>
        </div>
      )}
    </Panel>
  );
}

function Compare({ z }: { z: ZReport }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const title = useTitle();
  const isClosing = useView((view) => view.shift.state === "closing");
  return (
    <Panel
      stays
      title={title}
      onSubmit={() => void (!isClosing && gateway.send("close_shift", {}))}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={isClosing}>
          {isClosing
            ? i18n._({ id: "shift.closing", message: "The register prints its Z report" })
            : i18n._({ id: "shift.print-z", message: "Print Z and close" })}
        </Button>
      }
    >
      <Steps at={isClosing ? 3 : 2} />
      <ShiftFigures z={z} />
      <p className={css.hint}>{i18n._({ id: "shift.kept", message: "Your count is kept as it is. Unsent sales do not hold the closing up." })}</p>
    </Panel>
  );
}

/** What was counted against what was expected, once the count is stated. */
export function ShiftFigures({ z }: { z: ZReport }) {
  const { i18n } = useLingui();
  const agrees = z.difference_minor === 0;
  return (
    <>
      <dl className={css.facts}>
        <dt>{i18n._({ id: "shift.cash", message: "Counted cash" })}</dt>
        <dd>{z.counted_text}</dd>
        <dt>{i18n._({ id: "shift.expected", message: "Expected cash" })}</dt>
        <dd>{z.expected_text}</dd>
      </dl>
      <p className={css.difference} data-state={agrees ? "ok" : "attention"}>
        <StateMark state={agrees ? "ok" : "attention"} />
        <span>{i18n._({ id: "shift.difference", message: "Difference" })}</span>
        <output aria-label={i18n._({ id: "shift.difference", message: "Difference" })}>{z.difference_text}</output>
      </p>
      <dl className={css.facts}>
        <dt>{i18n._({ id: "shift.slips", message: "Card slips" })}</dt>
        <dd>{z.slips_text}</dd>
        <dt>{i18n._({ id: "shift.slips-expected", message: "Expected by card" })}</dt>
        <dd>{z.slips_expected_text}</dd>
        <dt>{i18n._({ id: "shift.sales", message: "Sales, {count}", values: { count: z.sales } })}</dt>
        <dd>{z.sold_text}</dd>
        <dt>{i18n._({ id: "shift.returns", message: "Returns, {count}", values: { count: z.returns } })}</dt>
        <dd>{z.returned_text}</dd>
        {z.closure_no !== null && (
          <>
            <dt>{i18n._({ id: "open.z", message: "Z report" })}</dt>
            <dd>{z.closure_no}</dd>
          </>
        )}
      </dl>
    </>
  );
}
