/** The one table of head office: sticky head and first column, sorting heads, two-line cards below 600 px. */
import { useLingui } from "@lingui/react";
import { useMediaQuery } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type Column, type Order, nextOrder } from "./columns";
import css from "./DataTable.module.css";

interface DataTableProps<Row> {
  /** Names the region for those who do not see it. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** Address of a row's own page. */
  open?: (row: Row) => string;
  order?: Order | null;
  onOrder?: (order: Order) => void;
  /** Rows are of an older question and a newer answer is on its way. */
  isStale?: boolean;
  /** Takes what is left of the window and scrolls inside, so that the head stays. */
  fills?: boolean;
  /** Rows can be chosen for one act on all of them. */
  selection?: Selection;
}

export interface Selection {
  chosen: ReadonlySet<string>;
  toggle: (keys: string[]) => void;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const isNarrow = useMediaQuery("(max-width: 599px)", undefined, { getInitialValueInEffect: false });
  return isNarrow ? <Cards {...props} /> : <Table {...props} />;
}

function Table<Row>({ label, columns, rows, keyOf, open, order = null, onOrder, isStale = false, fills = false, selection }: DataTableProps<Row>) {
  const { i18n } = useLingui();
  return (
    <div className={css.region} role="group" aria-label={label} tabIndex={0} data-fills={fills} aria-busy={isStale}>
      <table className={css.table} data-stale={isStale}>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column.id} scope="col" data-end={column.end} aria-sort={sorting(column, order)}>
                {index === 0 && selection && <Choose selection={selection} keys={rows.map(keyOf)} what={i18n._({ id: "list.choose-page", message: "Select every row of this page" })} />}
                <Head column={column} label={column.label(i18n)} order={order} onOrder={onOrder} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) => (
                <Cell key={column.id} column={column} isFirst={index === 0}>
                  {index === 0 && selection && <Choose selection={selection} keys={[keyOf(row)]} what={i18n._({ id: "list.choose-row", message: "Select this row" })} />}
                  {index === 0 && open ? <Link to={open(row)}>{column.cell(row)}</Link> : column.cell(row)}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Choose({ selection, keys, what }: { selection: Selection; keys: string[]; what: string }) {
  const isChosen = keys.length > 0 && keys.every((key) => selection.chosen.has(key));
  return (
    <label className={css.choose}>
      <input type="checkbox" checked={isChosen} onChange={() => selection.toggle(isChosen ? keys : keys.filter((key) => !selection.chosen.has(key)))} aria-label={what} />
    </label>
  );
}

function Cell<Row>({ column, isFirst, children }: { column: Column<Row>; isFirst: boolean; children: ReactNode }) {
  if (isFirst) {
    return (
      <th scope="row" data-end={column.end} data-gives={column.gives}>
        {children}
      </th>
    );
  }
  return (
    <td data-end={column.end} data-gives={column.gives}>
      {children}
    </td>
  );
}

function sorting<Row>(column: Column<Row>, order: Order | null): "ascending" | "descending" | "none" | undefined {
  if (column.sort === undefined) return undefined;
  if (order?.sort !== column.sort) return "none";
  return order.order === "asc" ? "ascending" : "descending";
}

interface HeadProps<Row> {
  column: Column<Row>;
  label: string;
  order: Order | null;
  onOrder: ((order: Order) => void) | undefined;
}

function Head<Row>({ column, label, order, onOrder }: HeadProps<Row>) {
  const { sort } = column;
  if (sort === undefined || onOrder === undefined) return <span className={css.head}>{label}</span>;
  const isSorted = order?.sort === sort;
  return (
    <button type="button" className={css.head} onClick={() => onOrder(nextOrder(order, sort))}>
      {label}
      <svg viewBox="0 0 10 14" width="10" height="14" aria-hidden="true" focusable="false" data-order={isSorted ? order.order : undefined}>
        <path data-arrow="asc" d="M5 1 9 6H1Z" />
        <path data-arrow="desc" d="M5 13 1 8h8Z" />
      </svg>
    </button>
  );
}

function Cards<Row>({ label, columns, rows, keyOf, open, isStale = false, selection }: DataTableProps<Row>) {
  const { i18n } = useLingui();
  const place = (where: Column<Row>["card"]) => columns.filter((column) => column.card === where);
  return (
    <ul className={css.cards} aria-label={label} aria-busy={isStale} data-stale={isStale}>
      {rows.map((row) => {
        const body = (
          <>
            <span className={css.cardTop}>
              <span className={css.cardTitle}>
                {place("title").map((column) => (
                  <span key={column.id}>{(column.cardCell ?? column.cell)(row)}</span>
                ))}
              </span>
              <span className={css.cardEnd}>
                {place("end").map((column) => (
                  <span key={column.id}>{(column.cardCell ?? column.cell)(row)}</span>
                ))}
              </span>
            </span>
            <span className={css.cardLine}>
              {place("line").map((column) => (
                <span key={column.id}>{(column.cardCell ?? column.cell)(row)}</span>
              ))}
            </span>
          </>
        );
        return (
          <li key={keyOf(row)} data-chosen={selection?.chosen.has(keyOf(row))}>
            {selection && <Choose selection={selection} keys={[keyOf(row)]} what={i18n._({ id: "list.choose-row", message: "Select this row" })} />}
            {open ? (
              <Link to={open(row)} className={css.card}>
                {body}
              </Link>
            ) : (
              <div className={css.card}>{body}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
