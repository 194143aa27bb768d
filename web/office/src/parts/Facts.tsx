/** Facts of one record, label and value, two columns on a wide page. */
import type { ReactNode } from "react";
import css from "./Facts.module.css";

export function Facts({ facts }: { facts: [label: string, value: ReactNode][] }) {
  return (
    <dl className={css.facts}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
