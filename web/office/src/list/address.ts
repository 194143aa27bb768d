/** The state of a list as it stands in the address: order, search, filters, place. Pure; the router carries it. */
import type { Query } from "../api/client";
import type { Order } from "./columns";

export type Search = Record<string, string>;

/** Rows on one page of a list. */
export const pageSize = 50;

/** Names that are the list's own; every other name in the address is a filter. */
const own = new Set(["q", "sort", "order", "cursor", "page", "columns", "view"]);

export function orderOf(search: Search): Order | null {
  const { sort, order } = search;
  return sort === undefined ? null : { sort, order: order === "desc" ? "desc" : "asc" };
}

/** A new question begins on its first page. */
export function asked(search: Search, changes: Record<string, string | undefined>): Search {
  const next: Record<string, string | undefined> = { ...search, ...changes, cursor: undefined, page: undefined };
  return Object.fromEntries(Object.entries(next).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""));
}

export const withOrder = (search: Search, order: Order): Search => asked(search, { sort: order.sort, order: order.order });

/** The page after this one. */
export const onwards = (search: Search, cursor: string): Search => ({ ...search, cursor, page: String(pageOf(search) + 1) });

/** 1 for the first. What somebody typed into the address may be anything. */
export function pageOf(search: Search): number {
  const page = Number(search["page"] ?? "1");
  return Number.isSafeInteger(page) && page > 0 ? page : 1;
}

/** Whether anything narrows the list. */
export const isNarrowed = (search: Search): boolean => Object.keys(search).some((name) => name === "q" || !own.has(name));

/** The question to the API: what the address says, and these names in it only. */
export function questionOf(search: Search, filters: string[], fixed: Query = {}): Query {
  const wanted = [...filters, "q", "sort", "order", "cursor"];
  const given = Object.fromEntries(wanted.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])));
  return { ...fixed, ...given };
}

/** What a saved view keeps: everything but the place in the list and the view's own name. In one order, so that equals are equal. */
export function viewOf(search: Search): string {
  const kept = Object.entries(search).filter(([name, value]) => value !== "" && !["cursor", "page", "view"].includes(name));
  return new URLSearchParams(kept.toSorted(([one], [other]) => (one < other ? -1 : 1))).toString();
}

export const searchOfView = (name: string, question: string): Search => ({ ...Object.fromEntries(new URLSearchParams(question)), view: name });
