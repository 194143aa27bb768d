/**
 * How many of each note and coin lies in the drawer. What they make is the gateway's answer; nothing is added up here.
 * What never breaks: the figure beside the grid is of what stands in it, however the answers come in.
 */
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import type { Denomination, Pieces } from "../protocol";
import { type Count, ui } from "../ui";
import css from "./CashGrid.module.css";

/** Null when something typed is no number of pieces. */
export function piecesOf(typed: Count["pieces"]): Pieces | null {
  const filled = Object.entries(typed).filter(([, text]) => text.trim() !== "");
  if (!filled.every(([, text]) => /^\d{1,6}$/.test(text.trim()))) return null;
  return filled.map(([value, text]) => [Number(value), Number(text)] as const);
}

export function CashGrid({ count }: { count: Count }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const [known, setKnown] = useState<Denomination[]>([]);
  const { pieces } = count;

  useEffect(() => {
    const counted = piecesOf(pieces);
    if (counted === null) return undefined;
    let isCurrent = true;
    void gateway.send("count_cash", { pieces: counted }, { quiet: true }).then((outcome) => {
      if (!isCurrent || !outcome.ok || !outcome.result) return;
      setKnown(outcome.result.denominations);
      const isUsed = Object.keys(pieces).length > 0;
      if (isUsed) ui.set({ count: { ...ui.get().count, cash: counted.length > 0 ? outcome.result.sum_text : "" } });
    });
    return () => {
      isCurrent = false;
    };
  }, [gateway, pieces]);

  if (known.length === 0) return null;
  return (
    <fieldset className={css.grid}>
      <legend>{i18n._({ id: "count.title", message: "Notes and coins, how many of each" })}</legend>
      {known.map(({ value_minor, value_text }) => (
        <TextField
          key={value_minor}
          label={value_text}
          inputMode="numeric"
          value={pieces[value_minor] ?? ""}
          onChange={(event) => ui.set({ count: { ...count, pieces: { ...pieces, [value_minor]: event.target.value } } })}
        />
      ))}
    </fieldset>
  );
}
