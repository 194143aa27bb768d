/** A refusal in words: what happened, what was kept, what to do, and the code. Words of our catalogue first, else the API's own. */
import { useLingui } from "@lingui/react";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import { Problem } from "../api/client";
import css from "./Explanation.module.css";
import { stateOfCode } from "./codes";

interface ExplanationProps {
  problem: Error;
  /** Beside the words: what the person can do here. */
  children?: React.ReactNode;
}

export function Explanation({ problem, children }: ExplanationProps) {
  const { i18n } = useLingui();
  // What is not a refusal is a fault of this page.
  const { code, parameters, said } = problem instanceof Problem ? problem : new Problem(0, "SRV-491");
  const isKnown = `${code}.what` in i18n.messages;
  const words = isKnown || said.what === "" ? explain(i18n, code, parameters) : said;
  const state = stateOfCode(code);
  return (
    <div className={css.box} data-state={state} role="alert">
      <StateMark state={state} />
      <p className={css.text}>
        <strong>{words.what}</strong> {words.kept} {words.do} <span className={css.code}>{code}</span>
      </p>
      {children}
    </div>
  );
}
