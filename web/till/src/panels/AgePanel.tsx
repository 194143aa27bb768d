/**
 * SAL-210: is the customer old enough? Once a sale, for the strictest item. What never breaks: Enter answers nothing here, because a scanner
 * sends one; the birth date is looked at and typed nowhere.
 */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import type { Basket } from "../protocol";
import { useSingleKeys } from "../singleKeys";
import css from "./panels.module.css";

export function AgePanel({ question }: { question: NonNullable<Basket["age_question"]> }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const { items, age, born_by } = question;
  const answer = (said: "yes" | "no") => void gateway.send("age", { answer: said });
  useSingleKeys({ y: () => answer("yes"), n: () => answer("no") });
  const words = explain(i18n, "SAL-210", { item: items[0] ?? "", age, born_by });

  return (
    <Panel
      stays
      title={i18n._({ id: "age.title", message: "{age}+: born on or before {date}", values: { age, date: born_by } })}
      aside={words.code}
      footer={
        <>
          <Button size="pay" hint="N" onClick={() => answer("no")}>
            {i18n._({ id: "age.no", message: "Not old enough, remove" })}
          </Button>
          <Button size="pay" look="primary" hint="Y" onClick={() => answer("yes")}>
            {i18n._({ id: "age.yes", message: "Old enough" })}
          </Button>
        </>
      }
    >
      <ul className={css.plain} aria-label={i18n._({ id: "age.items", message: "Waiting for the answer" })}>
        {items.map((item, index) => (
          <li key={`${index} ${item}`} className={css.what}>
            {item}
          </li>
        ))}
      </ul>
      <p>{words.kept}</p>
      <p className={css.hint}>{words.do}</p>
    </Panel>
  );
}
