/** Home: what needs a person first, then today's figures with their age, then every branch. All of it changes in place. */
import { useLingui } from "@lingui/react";
import type { Panel as Figures } from "../api/types";
import { DataTable } from "../list/DataTable";
import { Explanation } from "../parts/Explanation";
import { Action } from "../parts/Action";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { Waiting } from "../parts/Waiting";
import { AsOf } from "./AsOf";
import { branchColumns } from "./branchColumns";
import { FigureRow } from "./FigureRow";
import css from "./Home.module.css";
import { HoursChart } from "./HoursChart";
import { NeedsYou } from "./NeedsYou";
import { worstFirst } from "./needs";
import { usePanel } from "./usePanel";

export function Home() {
  const { i18n } = useLingui();
  const { data, error, refetch } = usePanel();
  return (
    <Page
      title={i18n._({ id: "nav.home", message: "Home" })}
      help={i18n._({
        id: "home.help",
        message:
          "What needs a person stands first; each line opens its list. Below are today's figures, by currency, and every branch, the worst first. Figures change by themselves as branches sell. A silent branch goes on selling: its figures come when its link is back, and the line with the time says which branches are missing.",
      })}
      aside={data && <AsOf panel={data} />}
    >
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "home.loading", message: "Fetching today's figures" })} />}
      {data && <Content panel={data} />}
    </Page>
  );
}

function Content({ panel }: { panel: Figures }) {
  const { i18n } = useLingui();
  return (
    <>
      <NeedsYou panel={panel} />
      {panel.totals.map((totals) => (
        <FigureRow key={totals.currency} totals={totals} isAlone={panel.totals.length === 1} />
      ))}
      <Panel title={i18n._({ id: "home.branches", message: "Branches, worst first" })} bare>
        <DataTable
          label={i18n._({ id: "home.branches", message: "Branches, worst first" })}
          columns={branchColumns}
          rows={worstFirst(panel.branches, i18n.locale)}
          keyOf={(row) => row.branch}
        />
      </Panel>
      <div className={css.charts}>
        {panel.totals.map((totals) => (
          <HoursChart key={totals.currency} totals={totals} />
        ))}
      </div>
    </>
  );
}
