/** Columns of the table of branches, on Home and on the page of branches. */
import { useLingui } from "@lingui/react";
import type { BranchFigures, MoneyFigures } from "../api/types";
import { amount, count, moment, span } from "../format";
import type { Column } from "../list/columns";
import { StateWord } from "../parts/StateWord";
import { useNow } from "../parts/useNow";
import { linkOf } from "./needs";
import css from "./Home.module.css";
import { useBranch } from "./usePanel";

export const branchColumns: Column<BranchFigures>[] = [
  {
    id: "name",
    label: (i18n) => i18n._({ id: "branches.name", message: "Branch" }),
    sort: "name",
    cell: (row) => row.name,
    card: "title",
  },
  {
    id: "state",
    label: (i18n) => i18n._({ id: "branches.state", message: "State" }),
    sort: "state",
    cell: (row) => <LinkWord branch={row} />,
    card: "line",
  },
  {
    id: "gateways",
    label: (i18n) => i18n._({ id: "branches.gateways", message: "Gateways" }),
    sort: "gateways",
    end: true,
    cell: (row) => <Share of={row.nodes} have={row.nodes_online} />,
  },
  {
    id: "net",
    label: (i18n) => i18n._({ id: "branches.today", message: "Today, net" }),
    sort: "net",
    end: true,
    cell: (row) => <Sums money={row.money} which="net_minor" />,
    card: "end",
  },
  {
    id: "sales",
    label: (i18n) => i18n._({ id: "branches.sales", message: "Sales" }),
    sort: "sales",
    end: true,
    cell: (row) => <Counts money={row.money} which="sales" />,
  },
  {
    id: "returns",
    label: (i18n) => i18n._({ id: "branches.returns", message: "Returns" }),
    sort: "returns",
    end: true,
    cell: (row) => <Counts money={row.money} which="returns" />,
  },
  {
    id: "unsynced",
    label: (i18n) => i18n._({ id: "branches.unsynced", message: "To come" }),
    sort: "unsynced",
    end: true,
    cell: (row) => <Unsynced branch={row} />,
    cardCell: (row) => <UnsyncedOnCard branch={row} />,
    card: "line",
  },
  {
    id: "devices",
    label: (i18n) => i18n._({ id: "branches.devices", message: "Devices" }),
    sort: "devices",
    cell: (row) => <DevicesWord branch={row} />,
    card: "line",
  },
  {
    id: "exceptions",
    label: (i18n) => i18n._({ id: "branches.exceptions", message: "Exceptions" }),
    sort: "exceptions",
    end: true,
    cell: (row) => <Number_ value={row.exceptions} />,
  },
  {
    id: "last",
    label: (i18n) => i18n._({ id: "branches.last", message: "Last heard" }),
    sort: "last",
    end: true,
    cell: (row) => <LastHeard of={row} />,
  },
];

export function LinkWord({ branch }: { branch: BranchFigures }) {
  const { i18n } = useLingui();
  const now = useNow();
  const state = linkOf(branch);
  const words = {
    ok: i18n._({ id: "branches.online", message: "Online" }),
    attention: i18n._({ id: "branches.partly", message: "Partly online" }),
    info: i18n._({ id: "branches.none", message: "No gateway yet" }),
  };
  if (state !== "stopped") return <StateWord state={state}>{words[state as keyof typeof words]}</StateWord>;
  const since = branch.silent_since;
  return (
    <StateWord state="stopped">
      {since === null
        ? i18n._({ id: "branches.never", message: "Never heard" })
        : i18n._({ id: "branches.silent", message: "Silent {span}", values: { span: span(i18n, since, now) } })}
    </StateWord>
  );
}

function Share({ have, of }: { have: number; of: number }) {
  const { i18n } = useLingui();
  return i18n._({ id: "branches.share", message: "{have} of {of}", values: { have: count(have, i18n.locale), of: count(of, i18n.locale) } });
}

function Sums({ money, which }: { money: MoneyFigures[] | null; which: "net_minor" }) {
  const { i18n } = useLingui();
  if (money === null) return <Hidden />;
  return money.map((one) => (
    <span key={one.currency} className={css.sum}>
      {amount(one[which], one.currency, i18n.locale)} <span className={css.currency}>{one.currency}</span>
    </span>
  ));
}

function Counts({ money, which }: { money: MoneyFigures[] | null; which: "sales" | "returns" }) {
  const { i18n } = useLingui();
  if (money === null) return <Hidden />;
  return count(
    money.reduce((sum, one) => sum + one[which], 0),
    i18n.locale,
  );
}

function Number_({ value }: { value: number | null }) {
  const { i18n } = useLingui();
  return value === null ? <Hidden /> : count(value, i18n.locale);
}

/** Facts known to be in the branch and not here; null when even the branch's last word is missing. */
function useUnsynced({ unsynced, is_silent }: BranchFigures): string {
  const { i18n } = useLingui();
  const known = count(unsynced ?? 0, i18n.locale);
  if (!is_silent) return known;
  // A silent branch may hold more than it last said.
  return unsynced ? i18n._({ id: "branches.at-least", message: "{known} or more", values: { known } }) : i18n._({ id: "branches.not-known", message: "not known" });
}

function Unsynced({ branch }: { branch: BranchFigures }) {
  const text = useUnsynced(branch);
  return branch.unsynced === null ? <Hidden /> : text;
}

function UnsyncedOnCard({ branch }: { branch: BranchFigures }) {
  const { i18n } = useLingui();
  const text = useUnsynced(branch);
  return branch.unsynced === null ? null : i18n._({ id: "branches.to-come", message: "To come: {text}", values: { text } });
}

function DevicesWord({ branch }: { branch: BranchFigures }) {
  const { i18n } = useLingui();
  const { devices_stopped: stopped, devices_attention: attention } = branch;
  if (stopped === null || attention === null) return <Hidden />;
  if (stopped > 0) {
    return <StateWord state="stopped">{i18n._({ id: "branches.stopped", message: "{count} stopped", values: { count: count(stopped, i18n.locale) } })}</StateWord>;
  }
  if (attention > 0) {
    return (
      <StateWord state="attention">{i18n._({ id: "branches.attention", message: "{count, plural, one {# wants attention} other {# want attention}}", values: { count: attention } })}</StateWord>
    );
  }
  return <StateWord state="ok">{i18n._({ id: "branches.well", message: "All well" })}</StateWord>;
}

function LastHeard({ of }: { of: BranchFigures }) {
  const { i18n } = useLingui();
  const zone = useBranch(of.branch)?.zone;
  const at = of.last_fact_at;
  if (at === null) return "-";
  return (
    <time dateTime={at} title={moment(at, "full", i18n.locale, zone)}>
      {moment(at, "time", i18n.locale, zone)}
    </time>
  );
}

/** The reader has no right to it: the answer does not hold it. */
export function Hidden() {
  const { i18n } = useLingui();
  return (
    <span title={i18n._({ id: "right.hidden", message: "You have no right to see this" })}>
      <span aria-hidden="true">-</span>
      <span className="visually-hidden">{i18n._({ id: "right.hidden", message: "You have no right to see this" })}</span>
    </span>
  );
}
