/** A titled part of a page. */
import { type ReactNode, useId } from "react";
import css from "./Panel.module.css";

interface PanelProps {
  title: string;
  aside?: ReactNode;
  /** Its content reaches the edges: a list of rows. */
  bare?: boolean;
  children: ReactNode;
}

export function Panel({ title, aside, bare = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className={css.panel} aria-labelledby={id} data-bare={bare}>
      <div className={css.head}>
        <h2 id={id}>{title}</h2>
        {aside && <div className={css.aside}>{aside}</div>}
      </div>
      {children}
    </section>
  );
}
