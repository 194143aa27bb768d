/** How a list describes itself to the one table. No data here. */
import type { I18n } from "@lingui/core";
import type { ReactNode } from "react";

export interface Column<Row> {
  id: string;
  label: (i18n: I18n) => string;
  /** Name of the order in the API; absent: this column cannot sort. */
  sort?: string;
  /** Numbers stand to the right. */
  end?: boolean;
  cell: (row: Row) => ReactNode;
  /** Place on a phone's card: its title, the value across from it, or the line below. Absent: not on the card. */
  card?: "title" | "end" | "line";
  /** What stands on the card, where the column's head is missed. */
  cardCell?: (row: Row) => ReactNode;
  /** The name column gives way first: it may be cut, with the whole text under the pointer. */
  gives?: boolean;
}

export interface Order {
  sort: string;
  order: "asc" | "desc";
}

/** What a click on a head does: ascending, then descending, and round again. */
export function nextOrder(now: Order | null, sort: string): Order {
  return { sort, order: now?.sort === sort && now.order === "asc" ? "desc" : "asc" };
}

/** The columns that the address names, in their own order; all of them when it names none. The first is the row's name and stays. */
export function columnsIn<Row>(columns: Column<Row>[], chosen: string | undefined): Column<Row>[] {
  if (chosen === undefined) return columns;
  const names = new Set(chosen.split(","));
  return columns.filter((column, index) => index === 0 || names.has(column.id));
}

/** What the address says after this column was shown or hidden; undefined when all are shown. */
export function withColumns<Row>(columns: Column<Row>[], chosen: string | undefined, changed: string): string | undefined {
  const shown = new Set(columnsIn(columns, chosen).map((column) => column.id));
  if (!shown.delete(changed)) shown.add(changed);
  return shown.size === columns.length ? undefined : columns.flatMap((column) => (shown.has(column.id) ? [column.id] : [])).join(",");
}
