/** Records that could not be applied: kept whole, with the reason, until a person lets them in again or dismisses them. */
import { useLingui } from "@lingui/react";
import type { Quarantined } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { StateWord } from "../parts/StateWord";
import { BranchCell, MomentCell } from "../parts/cells";
import { stateOfCode } from "../parts/codes";
import { Decide } from "./Decide";

const spec: ListSpec<Quarantined> = {
  path: "/quarantine",
  right: "see_exceptions",
  title: (i18n) => i18n._({ id: "nav.quarantine", message: "Quarantine" }),
  help: (i18n) =>
    i18n._({ id: "quarantine.help", message: "Records of branches that could not be applied. They are kept whole and the others go on. When the reason is gone, let the record in again: it is applied once, as if it had just come. What is no record of a sale at all can be dismissed. A reason is asked and kept with your name; nothing is deleted." }),
  searches: (i18n) => i18n._({ id: "quarantine.search", message: "Code or reason" }),
  empty: (i18n) => i18n._({ id: "quarantine.empty", message: "Nothing is held back." }),
  filters: [
    branchFilter,
    {
      kind: "choice",
      name: "state",
      label: (i18n) => i18n._({ id: "exceptions.state", message: "State" }),
      none: (i18n) => i18n._({ id: "quarantine.waiting", message: "Waiting" }),
      choices: (i18n) => [
        { value: "settled", label: i18n._({ id: "exceptions.settled", message: "Settled" }) },
        { value: "all", label: i18n._({ id: "exceptions.all", message: "All" }) },
      ],
    },
  ],
  fixed: { state: "open" },
  order: { sort: "received_at", order: "desc" },
  keyOf: (row) => row.id,
  open: (row) => `/quarantine/${row.id}`,
  bulk: { right: "manage_devices", act: (rows, done) => <Decide ids={rows.filter((row) => row.settled_at === null).map((row) => row.id)} done={done} /> },
  columns: [
    { id: "code", label: (i18n) => i18n._({ id: "exceptions.code", message: "Code" }), sort: "code", cell: (row) => <StateWord state={stateOfCode(row.code)}>{row.code}</StateWord>, card: "title" },
    { id: "what", label: (i18n) => i18n._({ id: "exceptions.what", message: "What happened" }), cell: (row) => <What of={row} />, gives: true, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "node", label: (i18n) => i18n._({ id: "quarantine.node", message: "Gateway" }), sort: "node", cell: (row) => row.node },
    { id: "at", label: (i18n) => i18n._({ id: "quarantine.at", message: "Came" }), sort: "received_at", cell: (row) => <MomentCell at={row.received_at} branch={row.branch} />, card: "line" },
    { id: "outcome", label: (i18n) => i18n._({ id: "quarantine.outcome", message: "Outcome" }), cell: (row) => <Outcome of={row.outcome} />, card: "end" },
  ],
};

export const QuarantinePage = () => <ListPage spec={spec} />;

const What = ({ of }: { of: Quarantined }) => <span title={of.reason}>{of.reason}</span>;

export function Outcome({ of }: { of: string | null }) {
  const { i18n } = useLingui();
  if (of === "applied") return <StateWord state="ok">{i18n._({ id: "quarantine.applied", message: "Let in" })}</StateWord>;
  if (of === "known") return <StateWord state="ok">{i18n._({ id: "quarantine.known", message: "Known already" })}</StateWord>;
  if (of === "dismissed") return <StateWord state="info">{i18n._({ id: "quarantine.dismissed", message: "Dismissed" })}</StateWord>;
  return <StateWord state="attention">{i18n._({ id: "quarantine.waiting", message: "Waiting" })}</StateWord>;
}
