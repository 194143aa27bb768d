/** Goods back against their receipt: which lines, why, in which state; what goes back by which form is the gateway's answer. */
import { useLingui } from "@lingui/react";
import { useCallback, useEffect, useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { FiscalState } from "../parts/FiscalState";
import { ReturnLines } from "../parts/ReturnLines";
import type { ErrorBody, FoundSale, ReturnLine, ReturnQuote } from "../protocol";
import { useView } from "../till";
import { ui, useUi } from "../ui";
import { useFormNames } from "../useFormNames";
import css from "./panels.module.css";

export function ReturnPanel() {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const scanned = useUi((state) => state.returnOf);
  const [number, setNumber] = useState("");
  const [sale, setSale] = useState<FoundSale | null>(null);
  const [error, setError] = useState<ErrorBody | null>(null);

  const find = useCallback(
    async (wanted: string) => {
      const outcome = await gateway.send("find_sale", { number: wanted }, { quiet: true });
      setError(outcome.ok ? null : outcome.error);
      if (outcome.ok) setSale(outcome.result.sale);
    },
    [gateway],
  );

  // A receipt scanned while the panel is open, or the one that opened it.
  useEffect(() => {
    if (scanned !== null) void find(scanned);
    return () => ui.set({ returnOf: null });
  }, [scanned, find]);

  if (sale) return <SaleToReturn key={sale.sale_id} sale={sale} onBack={() => setSale(null)} />;
  return (
    <Panel
      title={i18n._({ id: "return.title", message: "Return" })}
      onSubmit={() => number.trim() !== "" && void find(number.trim())}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={number.trim() === ""}>
          {i18n._({ id: "return.show", message: "Show the sale" })}
        </Button>
      }
    >
      <p className={css.what}>{i18n._({ id: "return.how", message: "Scan the receipt, or type its number." })}</p>
      <TextField
        label={i18n._({ id: "return.number", message: "Sale number" })}
        value={number}
        onChange={(event) => setNumber(event.target.value)}
        data-main-field
      />
      {error && <Refused error={error} />}
    </Panel>
  );
}

function Refused({ error }: { error: ErrorBody }) {
  const { i18n } = useLingui();
  const words = explain(i18n, error.code, error.parameters);
  return (
    <p className={css.problem} role="status">
      {words.what} {words.kept} {words.do} ({words.code})
    </p>
  );
}

function SaleToReturn({ sale, onBack }: { sale: FoundSale; onBack: () => void }) {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const names = useFormNames();
  const [lines, setLines] = useState<ReturnLine[]>([]);
  const [quote, setQuote] = useState<ReturnQuote | null>(null);
  const [done, setDone] = useState<{ return_id: string; number: string } | null>(null);
  const receipt = useView((view) => view.receipt);
  const [error, setError] = useState<ErrorBody | null>(null);

  useEffect(() => {
    setQuote(null);
    if (lines.length === 0) return undefined;
    let isCurrent = true;
    void gateway.send("quote_return", { sale_id: sale.sale_id, lines }, { quiet: true }).then((outcome) => {
      if (!isCurrent) return;
      setError(outcome.ok ? null : outcome.error);
      if (outcome.ok) setQuote(outcome.result);
    });
    return () => {
      isCurrent = false;
    };
  }, [gateway, sale.sale_id, lines]);

  async function refund(): Promise<void> {
    if (!quote) return;
    const outcome = await gateway.send("return_lines", { sale_id: sale.sale_id, lines });
    if (outcome.ok) setDone(outcome.result);
  }

  return (
    <Panel
      title={i18n._({ id: "return.sale", message: "Sale {number}", values: { number: sale.number } })}
      aside={sale.total_text}
      onBack={done ? () => acts.close() : onBack}
      onSubmit={() => void (done ? acts.close() : refund())}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!quote}>
          {done ? i18n._({ id: "return.back", message: "Back to the sale" }) : i18n._({ id: "return.refund", message: "REFUND" })}
        </Button>
      }
    >
      <p className={css.hint}>
        {sale.date_text} · {sale.till_text} · {sale.operator}
      </p>
      {!done && <ReturnLines sale={sale} onChange={setLines} />}
      {error && <Refused error={error} />}
      {quote && (
        <section className={`${css.block} ${css.quote}`} aria-live="polite">
          <p className={css.what}>
            {done
              ? i18n._({ id: "return.done", message: "Returned. {number}", values: { number: done.number } })
              : i18n._({ id: "return.goes-back", message: "Goes back to the customer" })}
          </p>
          <p className={css.big}>{quote.refund_text}</p>
          <dl className={css.facts}>
            {quote.forms.map((part) => (
              <div key={part.form} className={css.pair}>
                <dt>{names[part.form]}</dt>
                <dd>{part.text}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {done && receipt?.of_id === done.return_id && <FiscalState receipt={receipt} />}
    </Panel>
  );
}
