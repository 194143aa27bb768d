/** The interim report: figures of the shift so far. Needs a right, which the gateway checks; the sums are in no answer without it. */
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { explain } from "../../../kit/codes";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { Paper } from "../parts/Paper";
import type { ErrorBody } from "../protocol";
import css from "./panels.module.css";

export function XReportPanel() {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<ErrorBody | null>(null);
  useEffect(() => {
    void gateway.send("x_report", {}, { quiet: true }).then((outcome) => {
      if (outcome.ok) setText(outcome.result.text);
      else setError(outcome.error);
    });
  }, [gateway]);
  const words = error && explain(i18n, error.code, error.parameters);
  return (
    <Panel title={i18n._({ id: "more.x", message: "X report" })}>
      {words && (
        <p className={css.problem}>
          {words.what} {words.do} ({words.code})
        </p>
      )}
      {text !== null && <Paper label={i18n._({ id: "more.x", message: "X report" })} text={text} />}
    </Panel>
  );
}
