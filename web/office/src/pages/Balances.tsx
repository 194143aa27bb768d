/** What each branch has of each product. Balances are totals of the ledger's moves and may be below zero. */
import { useLingui } from "@lingui/react";
import type { Balance } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { StateWord } from "../parts/StateWord";
import { BranchCell, QuantityCell } from "../parts/cells";

const spec: ListSpec<Balance> = {
  path: "/stock/balances",
  right: "see_stock",
  title: (i18n) => i18n._({ id: "balances.title", message: "Stock balances" }),
  help: (i18n) =>
    i18n._({ id: "balances.help", message: "What each branch has of each product, from the moves of sales, returns and deliveries. Below zero: goods were sold before their delivery was entered." }),
  searches: (i18n) => i18n._({ id: "balances.search", message: "Product or article" }),
  empty: (i18n) => i18n._({ id: "balances.empty", message: "No goods have moved yet." }),
  filters: [
    branchFilter,
    {
      kind: "choice",
      name: "negative",
      label: (i18n) => i18n._({ id: "balances.which", message: "Which" }),
      none: (i18n) => i18n._({ id: "devices.all", message: "All" }),
      choices: (i18n) => [{ value: "true", label: i18n._({ id: "balances.negative", message: "Below zero" }) }],
    },
  ],
  order: { sort: "name", order: "asc" },
  isOfBranches: true,
  keyOf: (row) => `${row.warehouse_id}/${row.product}/${row.condition}/${row.lot}`,
  columns: [
    { id: "name", label: (i18n) => i18n._({ id: "products.name", message: "Product" }), sort: "name", cell: (row) => row.name, card: "title" },
    { id: "code", label: (i18n) => i18n._({ id: "products.code", message: "Article" }), sort: "product_code", cell: (row) => row.product_code, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "condition", label: (i18n) => i18n._({ id: "balances.condition", message: "Condition" }), sort: "condition", cell: (row) => <Condition of={row} />, card: "line" },
    { id: "lot", label: (i18n) => i18n._({ id: "balances.lot", message: "Lot" }), cell: (row) => row.lot || "-" },
    { id: "quantity", label: (i18n) => i18n._({ id: "balances.quantity", message: "Balance" }), sort: "quantity_milli", end: true, cell: (row) => <QuantityCell milli={row.quantity_milli} unit={row.unit} />, card: "end" },
  ],
};

export const BalancesPage = () => <ListPage spec={spec} />;

function Condition({ of }: { of: Balance }) {
  const { i18n } = useLingui();
  if (of.condition === "sellable") return <StateWord state="ok">{i18n._({ id: "balances.sellable", message: "For sale" })}</StateWord>;
  return <StateWord state="attention">{i18n._({ id: "balances.problem", message: "Put aside" })}</StateWord>;
}
