/** The stock matrix: products down, warehouses across, in each cell what is there for sale (STK-12). */
import { useLingui } from "@lingui/react";
import type { Matrix, MatrixColumn, MatrixRow } from "../api/types";
import { moment, quantity } from "../format";
import { useBranchName, useBranches } from "../home/usePanel";
import { ListPage, type ListSpec } from "../list/ListPage";
import type { Column } from "../list/columns";
import { branchFilter } from "../list/filters";
import { StateMark } from "../../../kit/StateMark";
import { QuantityCell } from "../parts/cells";
import css from "./Matrix.module.css";

const ends: [Column<MatrixRow>[], Column<MatrixRow>[]] = [
  [
    { id: "name", label: (i18n) => i18n._({ id: "products.name", message: "Product" }), sort: "name", cell: (row) => row.name, card: "title" },
    { id: "code", label: (i18n) => i18n._({ id: "products.code", message: "Article" }), sort: "product_code", cell: (row) => row.product_code, card: "line" },
  ],
  [
    { id: "worst", label: (i18n) => i18n._({ id: "matrix.worst", message: "Least" }), sort: "worst_milli", end: true, cell: (row) => <Least of={row} /> },
    { id: "total", label: (i18n) => i18n._({ id: "matrix.total", message: "Shown" }), sort: "total_milli", end: true, cell: (row) => <QuantityCell milli={row.total_milli} unit={row.unit} />, card: "end" },
  ],
];

const columnOf = (place: MatrixColumn, index: number): Column<MatrixRow> => ({
  id: place.id,
  label: () => `${place.is_stale ? "~ " : ""}${place.name}`,
  sort: `here_${place.id.replaceAll("-", "")}`,
  end: true,
  cell: (row) => <Cell milli={row.cells[index] ?? null} place={place} />,
  card: "line",
  cardCell: (row) => (
    <>
      {place.name} <Cell milli={row.cells[index] ?? null} place={place} />
    </>
  ),
});

const spec: ListSpec<MatrixRow> = {
  path: "/stock/matrix",
  right: "see_stock",
  title: (i18n) => i18n._({ id: "matrix.title", message: "Stock matrix" }),
  help: (i18n) =>
    i18n._({
      id: "matrix.help",
      message: "What every warehouse has for sale of every product. A dash: the product was never there. A triangle: none left. An octagon: less than nothing, because goods were sold before their delivery was entered. ~ marks a warehouse whose branch cannot be heard: its figures are as old as its last word. Goods put aside are in Balances.",
    }),
  searches: (i18n) => i18n._({ id: "balances.search", message: "Product or article" }),
  empty: (i18n) => i18n._({ id: "balances.empty", message: "No goods have moved yet." }),
  filters: [
    branchFilter,
    {
      kind: "choice",
      name: "only",
      label: (i18n) => i18n._({ id: "matrix.show", message: "Show" }),
      none: (i18n) => i18n._({ id: "matrix.all", message: "All products" }),
      choices: (i18n) => [{ value: "problems", label: i18n._({ id: "matrix.problems", message: "Only problems" }) }],
    },
  ],
  order: { sort: "name", order: "asc" },
  keyOf: (row) => row.product,
  open: (row) => `/products/${row.product}`,
  isOfBranches: true,
  note: (page) => <StaleNote places={(page as Matrix).columns.filter((place) => place.is_stale)} />,
  columns: (page) => [...ends[0], ...((page as Matrix | undefined)?.columns ?? []).map(columnOf), ...ends[1]],
};

export const MatrixPage = () => <ListPage spec={spec} />;

function Cell({ milli, place }: { milli: number | null; place: MatrixColumn }) {
  const { i18n } = useLingui();
  if (milli === null) return <span className={css.never}>-</span>;
  const state = milli < 0 ? "stopped" : milli === 0 ? "attention" : null;
  return (
    <span className={css.cell} data-state={state ?? undefined} data-stale={place.is_stale}>
      {state && <StateMark state={state} />}
      {place.is_stale && "~"}
      {quantity(milli, i18n.locale)}
    </span>
  );
}

/** The lowest of the row, so that what runs out can be sorted to the top. */
function Least({ of }: { of: MatrixRow }) {
  const { i18n } = useLingui();
  const known = of.cells.filter((milli) => milli !== null);
  return known.length === 0 ? "-" : quantity(Math.min(...known), i18n.locale);
}

function StaleNote({ places }: { places: MatrixColumn[] }) {
  const { i18n } = useLingui();
  const nameOf = useBranchName();
  const branches = useBranches();
  if (places.length === 0) return null;
  const since = places.map((place) => {
    const zone = branches.find((branch) => branch.id === place.branch)?.zone;
    return place.stale_since === null ? nameOf(place.branch) : `${nameOf(place.branch)} ${moment(place.stale_since, "day", i18n.locale, zone)} ${moment(place.stale_since, "time", i18n.locale, zone)}`;
  });
  return (
    <p className={css.note}>
      <StateMark state="offline" />
      {i18n._({ id: "matrix.stale", message: "Columns with ~ are as old as the last word of their branch: {branches}", values: { branches: since.join(", ") } })}
    </p>
  );
}
