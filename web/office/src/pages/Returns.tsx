/** Goods that came back, with the sale they came from. */
import { Link } from "@tanstack/react-router";
import type { Return } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter, fromFilter, toFilter } from "../list/filters";
import { AmountCell, BranchCell, MomentCell } from "../parts/cells";

const spec: ListSpec<Return> = {
  path: "/returns",
  right: "see_sales",
  title: (i18n) => i18n._({ id: "nav.returns", message: "Returns" }),
  help: (i18n) => i18n._({ id: "returns.help", message: "Goods that came back, the newest first, with the sale they were bought in. Sums are what was paid back." }),
  searches: (i18n) => i18n._({ id: "returns.search", message: "Number of the return or sale" }),
  empty: (i18n) => i18n._({ id: "returns.empty", message: "Nothing was returned yet." }),
  filters: [branchFilter, fromFilter, toFilter],
  order: { sort: "at", order: "desc" },
  isOfBranches: true,
  keyOf: (row) => row.id,
  open: (row) => `/returns/${row.id}`,
  live: "return",
  columns: [
    { id: "number", label: (i18n) => i18n._({ id: "sales.number", message: "Number" }), sort: "number", cell: (row) => row.number, card: "title" },
    { id: "at", label: (i18n) => i18n._({ id: "sales.at", message: "Time" }), sort: "at", cell: (row) => <MomentCell at={row.at} branch={row.branch} />, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "till", label: (i18n) => i18n._({ id: "sales.till", message: "Till" }), sort: "till", cell: (row) => row.till ?? "-" },
    { id: "sale", label: (i18n) => i18n._({ id: "returns.sale", message: "Of sale" }), sort: "sale_number", cell: (row) => <Link to={`/sales/${row.sale_id}`}>{row.sale_number}</Link>, card: "line" },
    { id: "total", label: (i18n) => i18n._({ id: "sales.total", message: "Sum" }), sort: "total_minor", end: true, cell: (row) => <AmountCell minor={row.total_minor} currency={row.currency} />, card: "end" },
  ],
};

export const ReturnsPage = () => <ListPage spec={spec} />;
