/** The lines of a found sale to choose from; no more of each than is left to return. */
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { Button } from "../../../kit/Button";
import { SelectField } from "../../../kit/fields";
import { writeMilli } from "../amounts";
import type { FoundSale, ReturnCondition, ReturnLine, ReturnReason } from "../protocol";
import css from "./ReturnLines.module.css";

interface ReturnLinesProps {
  sale: FoundSale;
  onChange: (lines: ReturnLine[]) => void;
}

export function ReturnLines({ sale, onChange }: ReturnLinesProps) {
  const { i18n } = useLingui();
  const [chosen, setChosen] = useState<Record<number, ReturnLine>>({});
  useEffect(() => onChange(Object.values(chosen)), [chosen, onChange]);

  const change = (line_no: number, patch: Partial<ReturnLine>) =>
    setChosen((all) => ({ ...all, [line_no]: { ...all[line_no]!, ...patch } }));

  function toggle(line_no: number, quantity_milli: number, isChosen: boolean): void {
    setChosen((all) => {
      const { [line_no]: _, ...others } = all;
      return isChosen ? { ...others, [line_no]: { line_no, quantity_milli, reason: "unsuitable", condition: "good" } } : others;
    });
  }

  return (
    <ul className={css.lines} aria-label={i18n._({ id: "return.lines", message: "Lines of the sale" })}>
      {sale.lines.map((line) => {
        const one = chosen[line.line_no];
        return (
          <li key={line.line_no}>
            <label className={css.line}>
              <input
                type="checkbox"
                checked={one !== undefined}
                disabled={line.left_milli === 0}
                onChange={(event) => toggle(line.line_no, line.left_milli, event.target.checked)}
              />
              <span className={css.name}>{line.name}</span>
              <span className={css.left}>
                {i18n._({ id: "return.left", message: "{left} of {sold}", values: { left: line.left_text, sold: line.sold_text } })}
              </span>
              <strong>{line.sum_text}</strong>
            </label>
            {one && <Details line={one} most={line.left_milli} onChange={(patch) => change(line.line_no, patch)} />}
          </li>
        );
      })}
    </ul>
  );
}

function Details({ line, most, onChange }: { line: ReturnLine; most: number; onChange: (patch: Partial<ReturnLine>) => void }) {
  const { i18n } = useLingui();
  // Weighed goods come back whole; pieces one by one.
  const isPieces = most % 1000 === 0;
  const step = (by: number) => onChange({ quantity_milli: line.quantity_milli + by });
  return (
    <div className={css.details}>
      {isPieces && most > 1000 && (
        <div className={css.steps} role="group" aria-label={i18n._({ id: "line.quantity", message: "Quantity" })}>
          <Button aria-label={i18n._({ id: "line.minus", message: "Minus one" })} disabled={line.quantity_milli <= 1000} onClick={() => step(-1000)}>
            −
          </Button>
          <output>{writeMilli(line.quantity_milli)}</output>
          <Button aria-label={i18n._({ id: "line.plus", message: "Plus one" })} disabled={line.quantity_milli >= most} onClick={() => step(1000)}>
            +
          </Button>
        </div>
      )}
      <SelectField
        label={i18n._({ id: "reason.label", message: "Reason" })}
        value={line.reason}
        onChange={(event) => onChange({ reason: event.target.value as ReturnReason })}
        data={[
          { value: "unsuitable", label: i18n._({ id: "return.unsuitable", message: "Did not suit" }) },
          { value: "damaged", label: i18n._({ id: "return.damaged", message: "Damaged" }) },
          { value: "wrong", label: i18n._({ id: "return.wrong", message: "Wrong item" }) },
          { value: "expired", label: i18n._({ id: "return.expired", message: "Expired" }) },
          { value: "other", label: i18n._({ id: "reason.other", message: "Other" }) },
        ]}
      />
      <SelectField
        label={i18n._({ id: "return.state", message: "State" })}
        value={line.condition}
        onChange={(event) => onChange({ condition: event.target.value as ReturnCondition })}
        data={[
          { value: "good", label: i18n._({ id: "return.good", message: "Good, back to the shelf" }) },
          { value: "problem", label: i18n._({ id: "return.problem", message: "Problem, set aside" }) },
        ]}
      />
    </div>
  );
}
