/** The catalogue: products with the price in force for a branch, or for the usual list. */
import { useLingui } from "@lingui/react";
import { useSearch } from "@tanstack/react-router";
import type { Product } from "../api/types";
import { price } from "../format";
import { useBranch } from "../home/usePanel";
import { ListPage, type ListSpec } from "../list/ListPage";
import { branchFilter } from "../list/filters";
import { MomentCell } from "../parts/cells";

const spec: ListSpec<Product> = {
  path: "/products",
  right: "see_catalogue",
  title: (i18n) => i18n._({ id: "nav.products", message: "Products" }),
  help: (i18n) =>
    i18n._({
      id: "products.help",
      message: "Every product with its bar codes and today's price. Choose a branch to see the prices it sells by. Search takes any fragment of a name, an article number or a bar code.",
    }),
  searches: (i18n) => i18n._({ id: "products.search", message: "Name, article or bar code" }),
  empty: (i18n) => i18n._({ id: "products.empty", message: "No products yet. They come by import or from the catalogue's own forms, and reach every branch with its next copy." }),
  filters: [branchFilter],
  order: { sort: "name", order: "asc" },
  keyOf: (row) => row.id,
  open: (row) => `/products/${row.id}`,
  columns: [
    { id: "name", label: (i18n) => i18n._({ id: "products.name", message: "Product" }), sort: "name", cell: (row) => row.name, card: "title" },
    { id: "code", label: (i18n) => i18n._({ id: "products.code", message: "Article" }), sort: "code", cell: (row) => row.code, card: "line" },
    {
      id: "barcodes",
      label: (i18n) => i18n._({ id: "products.barcodes", message: "Bar codes" }),
      cell: (row) => <Barcodes of={row} />,
      card: "line",
    },
    { id: "price", label: (i18n) => i18n._({ id: "products.price", message: "Price" }), sort: "unit_price", end: true, cell: (row) => <PriceCell row={row} />, card: "end" },
    { id: "unit", label: (i18n) => i18n._({ id: "products.unit", message: "Unit" }), sort: "unit", cell: (row) => row.unit },
    { id: "tax", label: (i18n) => i18n._({ id: "products.tax", message: "Tax" }), sort: "tax_code", cell: (row) => row.tax_code },
    { id: "changed", label: (i18n) => i18n._({ id: "products.changed", message: "Changed" }), sort: "changed_at", end: true, cell: (row) => <MomentCell at={row.changed_at} /> },
  ],
};

export const ProductsPage = () => <ListPage spec={spec} />;

function Barcodes({ of }: { of: Product }) {
  const [first, ...more] = of.barcodes;
  if (first === undefined) return "-";
  return more.length === 0 ? first : <span title={of.barcodes.join("  ")}>{`${first} +${more.length}`}</span>;
}

/** Without a branch the API shows the usual list in AMD. */
const usualCurrency = "AMD";

function PriceCell({ row }: { row: Product }) {
  const { i18n } = useLingui();
  const search: Record<string, string> = useSearch({ strict: false });
  const branch = useBranch(search["branch"]);
  if (row.unit_price === null) return "-";
  const currency = branch?.currency ?? usualCurrency;
  return `${price(row.unit_price, currency, i18n.locale)} ${currency}`;
}
