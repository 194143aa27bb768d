/** A state as it is always shown: shape, colour and word together (UX §2). */
import type { ReactNode } from "react";
import { StateMark } from "../../../kit/StateMark";
import type { State } from "../../../kit/tokens";
import css from "./StateWord.module.css";

export function StateWord({ state, children }: { state: State; children: ReactNode }) {
  return (
    <span className={css.state} data-state={state}>
      <StateMark state={state} />
      <span>{children}</span>
    </span>
  );
}
