/** The page is there and locked: it names the right and who can give it (UX §2). */
import { useLingui } from "@lingui/react";
import type { Right } from "../api/types";
import { NavIcon } from "./NavIcon";
import css from "./NoRight.module.css";
import { rightWord } from "./rights";

export function NoRight({ right }: { right: Right }) {
  const { i18n } = useLingui();
  return (
    <div className={css.box}>
      <NavIcon name="lock" />
      <p>
        {i18n._({
          id: "right.missing",
          message: "This needs the right: {right}. Whoever manages users in your company can give it to you.",
          values: { right: rightWord(i18n, right) },
        })}
      </p>
    </div>
  );
}
