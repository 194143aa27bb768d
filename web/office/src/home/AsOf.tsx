/** How old figures are and which branches are missing from them (REP-04). */
import { useLingui } from "@lingui/react";
import type { Panel as Figures } from "../api/types";
import { moment } from "../format";
import css from "./AsOf.module.css";

export function AsOf({ panel }: { panel: Figures }) {
  const { i18n } = useLingui();
  const missing = panel.branches.filter((branch) => branch.is_silent).map((branch) => branch.name);
  const values = {
    time: moment(panel.as_of, "time", i18n.locale),
    here: panel.branches.length - missing.length,
    all: panel.branches.length,
    missing: missing.join(", "),
  };
  return (
    <p className={css.asOf}>
      {missing.length === 0
        ? i18n._({ id: "home.as-of", message: "As of {time}, all {all} branches", values })
        : i18n._({ id: "home.as-of-without", message: "As of {time}, {here} of {all} branches. Missing: {missing}", values })}
    </p>
  );
}
