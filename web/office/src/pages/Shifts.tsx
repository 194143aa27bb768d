/** Shifts of all tills; a closed one with what was counted against what the till expected. */
import { useLingui } from "@lingui/react";
import type { Shift } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { StateWord } from "../parts/StateWord";
import { AmountCell, BranchCell, CountCell, MomentCell } from "../parts/cells";

const spec: ListSpec<Shift> = {
  path: "/shifts",
  right: "see_sales",
  title: (i18n) => i18n._({ id: "nav.shifts", message: "Shifts" }),
  help: (i18n) =>
    i18n._({ id: "shifts.help", message: "One cashier's period on a till. Difference is what was counted less what the till expected, cash and card together; the count is blind." }),
  empty: (i18n) => i18n._({ id: "shifts.empty", message: "No shift was opened yet." }),
  filters: [
    branchFilter,
    {
      kind: "choice",
      name: "open",
      label: (i18n) => i18n._({ id: "devices.state", message: "State" }),
      none: (i18n) => i18n._({ id: "devices.all", message: "All" }),
      choices: (i18n) => [
        { value: "true", label: i18n._({ id: "shifts.open", message: "Open" }) },
        { value: "false", label: i18n._({ id: "shifts.closed", message: "Closed" }) },
      ],
    },
  ],
  order: { sort: "opened_at", order: "desc" },
  isOfBranches: true,
  keyOf: (row) => row.id,
  columns: [
    { id: "number", label: (i18n) => i18n._({ id: "shifts.number", message: "Shift" }), sort: "number", cell: (row) => String(row.number).padStart(4, "0"), card: "title" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "till", label: (i18n) => i18n._({ id: "sales.till", message: "Till" }), sort: "till", cell: (row) => row.till ?? "-" },
    { id: "opened", label: (i18n) => i18n._({ id: "shifts.opened", message: "Opened" }), sort: "opened_at", cell: (row) => <MomentCell at={row.opened_at} branch={row.branch} />, card: "line" },
    { id: "closed", label: (i18n) => i18n._({ id: "shifts.closed", message: "Closed" }), sort: "closed_at", cell: (row) => <Closed of={row} />, card: "line" },
    { id: "sales", label: (i18n) => i18n._({ id: "shifts.sales", message: "Sales" }), sort: "sale_count", end: true, cell: (row) => <CountCell value={row.sale_count} /> },
    { id: "sold", label: (i18n) => i18n._({ id: "shifts.sold", message: "Sold" }), sort: "sold_minor", end: true, cell: (row) => <AmountCell minor={row.sold_minor} currency={row.currency} />, card: "end" },
    { id: "returned", label: (i18n) => i18n._({ id: "shifts.returned", message: "Returned" }), sort: "returned_minor", end: true, cell: (row) => <AmountCell minor={row.returned_minor} currency={row.currency} /> },
    { id: "difference", label: (i18n) => i18n._({ id: "shifts.difference", message: "Difference" }), sort: "difference_minor", end: true, cell: (row) => <AmountCell minor={row.difference_minor} currency={row.currency} /> },
  ],
};

export const ShiftsPage = () => <ListPage spec={spec} />;

function Closed({ of }: { of: Shift }) {
  const { i18n } = useLingui();
  return of.closed_at === null ? <StateWord state="info">{i18n._({ id: "shifts.open", message: "Open" })}</StateWord> : <MomentCell at={of.closed_at} branch={of.branch} />;
}
