/** Sales of all branches; those that come while somebody reads wait behind a button. */
import { useLingui } from "@lingui/react";
import type { Sale } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter, fromFilter, toFilter } from "../list/filters";
import { StateWord } from "../parts/StateWord";
import { AmountCell, BranchCell, CountCell, MomentCell } from "../parts/cells";

const spec: ListSpec<Sale> = {
  path: "/sales",
  right: "see_sales",
  title: (i18n) => i18n._({ id: "nav.sales", message: "Sales" }),
  help: (i18n) =>
    i18n._({
      id: "sales.help",
      message: "Every sale of your branches, the newest first. Sales that come while you read wait behind a button, so nothing moves under your hand. A row opens the sale with its lines, payments and receipts. CSV gives all rows of the filter in the same order.",
    }),
  searches: (i18n) => i18n._({ id: "sales.search", message: "Number, or another system's" }),
  empty: (i18n) => i18n._({ id: "sales.empty", message: "No sales yet. They appear here seconds after a till takes the money." }),
  filters: [
    branchFilter,
    fromFilter,
    toFilter,
    {
      kind: "choice",
      name: "has",
      label: (i18n) => i18n._({ id: "sales.has", message: "With" }),
      none: (i18n) => i18n._({ id: "sales.has-any", message: "Anything" }),
      choices: (i18n) => [
        { value: "return", label: i18n._({ id: "sales.has-return", message: "a return" }) },
        { value: "discount", label: i18n._({ id: "sales.has-discount", message: "a discount" }) },
        { value: "unknown", label: i18n._({ id: "sales.has-unknown", message: "an unknown receipt" }) },
        { value: "refused", label: i18n._({ id: "sales.has-refused", message: "a refused receipt" }) },
      ],
    },
  ],
  order: { sort: "at", order: "desc" },
  isOfBranches: true,
  keyOf: (row) => row.id,
  open: (row) => `/sales/${row.id}`,
  live: "sale",
  columns: [
    { id: "number", label: (i18n) => i18n._({ id: "sales.number", message: "Number" }), sort: "number", cell: (row) => row.number, card: "title" },
    { id: "at", label: (i18n) => i18n._({ id: "sales.at", message: "Time" }), sort: "at", cell: (row) => <MomentCell at={row.at} branch={row.branch} />, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "till", label: (i18n) => i18n._({ id: "sales.till", message: "Till" }), sort: "till", cell: (row) => row.till ?? "-" },
    { id: "operator", label: (i18n) => i18n._({ id: "sales.operator", message: "Cashier" }), cell: (row) => row.operator_name ?? "-" },
    { id: "lines", label: (i18n) => i18n._({ id: "sales.lines", message: "Lines" }), sort: "line_count", end: true, cell: (row) => <CountCell value={row.line_count} /> },
    { id: "total", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), sort: "total_minor", end: true, cell: (row) => <AmountCell minor={row.total_minor} currency={row.currency} />, card: "end" },
    { id: "receipt", label: (i18n) => i18n._({ id: "sales.receipt", message: "Receipt" }), cell: (row) => <ReceiptWord state={row.receipt_state} />, card: "line" },
  ],
};

export const SalesPage = () => <ListPage spec={spec} />;

export function ReceiptWord({ state }: { state: string | null }) {
  const { i18n } = useLingui();
  if (state === "fiscalised") return <StateWord state="ok">{i18n._({ id: "receipt.fiscalised", message: "Printed" })}</StateWord>;
  if (state === "refused") return <StateWord state="stopped">{i18n._({ id: "receipt.refused", message: "Refused" })}</StateWord>;
  if (state === "unknown") return <StateWord state="unknown">{i18n._({ id: "receipt.unknown", message: "Unknown" })}</StateWord>;
  return "-";
}
