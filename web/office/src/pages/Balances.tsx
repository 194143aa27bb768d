/** What each branch has of each product. Balances are totals of the ledger's moves and may be below zero. */
import type { Balance } from "../api/types";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { BranchCell, QuantityCell } from "../parts/cells";

const spec: ListSpec<Balance> = {
  path: "/stock/balances",
  right: "see_stock",
  title: (i18n) => i18n._({ id: "balances.title", message: "Stock balances" }),
  help: (i18n) =>
    i18n._({ id: "balances.help", message: "What each branch has of each product, from the moves of sales, returns and deliveries. Below zero: goods were sold before their delivery was entered." }),
  searches: (i18n) => i18n._({ id: "balances.search", message: "Product or article" }),
  empty: (i18n) => i18n._({ id: "balances.empty", message: "No goods have moved yet." }),
  filters: [branchFilter],
  order: { sort: "name", order: "asc" },
  keyOf: (row) => `${row.warehouse}/${row.product}/${row.condition}`,
  columns: [
    { id: "name", label: (i18n) => i18n._({ id: "products.name", message: "Product" }), sort: "name", cell: (row) => row.name, card: "title" },
    { id: "code", label: (i18n) => i18n._({ id: "products.code", message: "Article" }), sort: "product_code", cell: (row) => row.product_code, card: "line" },
    { id: "branch", label: (i18n) => i18n._({ id: "filter.branch", message: "Branch" }), sort: "branch", cell: (row) => <BranchCell id={row.branch} />, card: "line" },
    { id: "quantity", label: (i18n) => i18n._({ id: "balances.quantity", message: "Balance" }), sort: "quantity_milli", end: true, cell: (row) => <QuantityCell milli={row.quantity_milli} unit={row.unit} />, card: "end" },
  ],
};

export const BalancesPage = () => <ListPage spec={spec} />;
