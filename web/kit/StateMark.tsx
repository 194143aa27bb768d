/** The shape of a state (UX §2): the shape and the word carry it, the colour only helps. Said aloud by the word beside it. */
import type { ReactNode } from "react";
import type { State } from "./tokens";
import css from "./StateMark.module.css";

/** Each in a box of 20: filled shape in the state's colour, mark cut out in the colour behind. */
const shapes: Record<State, ReactNode> = {
  ok: (
    <>
      <circle cx="10" cy="10" r="9" className={css.body} />
      <path d="m5.8 10.3 2.9 2.9 5.6-6" className={css.stroke} />
    </>
  ),
  attention: (
    <>
      <path d="M10 1.6 19.2 18H.8Z" className={css.body} />
      <path d="M10 7.2v5M10 14.6v.9" className={css.stroke} />
    </>
  ),
  stopped: (
    <>
      <path d="M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3Z" className={css.body} />
      <path d="m6.8 6.8 6.4 6.4m0-6.4-6.4 6.4" className={css.stroke} />
    </>
  ),
  info: (
    <>
      <rect x="1.5" y="1.5" width="17" height="17" rx="2" className={css.body} />
      <path d="M10 9v5.5M10 5.2v.9" className={css.stroke} />
    </>
  ),
  unknown: (
    <>
      <path d="m10 .8 9.2 9.2-9.2 9.2L.8 10Z" className={css.body} />
      <path d="M7.9 8.3c0-2.9 4.3-2.7 4.3-.2 0 1.6-2.1 1.7-2.1 3.5M10.1 13.8v.8" className={css.stroke} />
    </>
  ),
  offline: <circle cx="10" cy="10" r="7.5" className={css.ring} />,
};

export function StateMark({ state }: { state: State }) {
  return (
    <svg className={css.mark} data-state={state} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {shapes[state]}
    </svg>
  );
}
