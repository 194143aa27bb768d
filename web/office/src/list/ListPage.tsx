/**
 * The one page of all lists: filter row, table, pages, export. Its state is in the address, so that a link or Back shows the same.
 * Sorting and paging are the API's; nothing here looks at more than one page of rows.
 */
import { useLingui } from "@lingui/react";
import type { I18n } from "@lingui/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { type Query, addressOf } from "../api/client";
import type { Page as Rows, Right } from "../api/types";
import { count } from "../format";
import { useNewOnes } from "../live/Live";
import type { StreamEvent } from "../live/stream";
import { Action, actionClass } from "../parts/Action";
import { Explanation } from "../parts/Explanation";
import { NavIcon } from "../parts/NavIcon";
import { NoRight } from "../parts/NoRight";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";
import { useMay, useSurrounding } from "../surrounding";
import { DataTable } from "./DataTable";
import { FilterRow } from "./FilterRow";
import css from "./ListPage.module.css";
import { type Search, asked, isNarrowed, onwards, orderOf, pageOf, pageSize, questionOf, withOrder } from "./address";
import type { Column, Order } from "./columns";
import type { Filter } from "./filters";

export interface ListSpec<Row> {
  /** Of the API. */
  path: string;
  right: Right;
  title: (i18n: I18n) => string;
  help: (i18n: I18n) => string;
  columns: Column<Row>[];
  filters: Filter[];
  /** What the list is asked besides its address: a default that a filter in the address overrides. */
  fixed?: Query;
  /** What the API sorts by when the address does not say. */
  order: Order;
  keyOf: (row: Row) => string;
  open?: (row: Row) => string;
  /** In the search box: what it looks in. */
  searches?: (i18n: I18n) => string;
  /** Nothing is here and nothing narrows the list: what will be here, and how it comes. */
  empty: (i18n: I18n) => string;
  /** Rows that come while somebody reads wait behind a button. */
  live?: StreamEvent;
}

export function ListPage<Row>({ spec, below }: { spec: ListSpec<Row>; below?: ReactNode }) {
  const { i18n } = useLingui();
  const isMay = useMay(spec.right);
  return (
    <Page title={spec.title(i18n)} help={spec.help(i18n)}>
      {isMay ? <List spec={spec} /> : <NoRight right={spec.right} />}
      {below}
    </Page>
  );
}

/** Cursors of the pages before, so that Back one page needs no guess. */
interface Way {
  before?: string[];
}

function List<Row>({ spec }: { spec: ListSpec<Row> }) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const search: Search = useSearch({ strict: false });
  const way = useLocation({ select: (location) => location.state as Way });
  const navigate = useNavigate();
  const question = useMemo(() => questionOf(search, spec.filters.map((filter) => filter.name), spec.fixed), [search, spec]);
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery({
    queryKey: [spec.path, question],
    queryFn: ({ signal }) => api.ask<Rows<Row>>(spec.path, { query: { ...question, limit: pageSize }, signal }),
    placeholderData: keepPreviousData,
  });
  const go = (next: Search, state: Way = {}, replace = false) => void navigate({ to: ".", search: next as never, state: state as never, replace });

  return (
    <>
      <FilterRow
        filters={spec.filters}
        search={search}
        searches={spec.searches?.(i18n)}
        order={orderOf(search) ?? spec.order}
        columns={spec.columns as Column<never>[]}
        onChange={(changes, replace) => go(asked(search, changes), {}, replace)}
        onOrder={(order) => go(withOrder(search, order))}
      />
      {error && (
        <Explanation problem={error}>
          <Action onClick={() => void refetch()}>{i18n._({ id: "action.again", message: "Try again" })}</Action>
        </Explanation>
      )}
      {!data && !error && <Waiting what={i18n._({ id: "list.loading", message: "Fetching the list" })} />}
      {data && (
        <>
          {spec.live && <NewOnes name={spec.live} search={search} onShow={() => void (pageOf(search) === 1 ? refetch() : go(asked(search, {})))} />}
          {data.items.length === 0 ? (
            <Nothing text={spec.empty(i18n)} isNarrowed={isNarrowed(search)} onClear={() => go({})} />
          ) : (
            <DataTable
              label={spec.title(i18n)}
              columns={spec.columns}
              rows={data.items}
              keyOf={spec.keyOf}
              {...(spec.open ? { open: spec.open } : {})}
              order={orderOf(search) ?? spec.order}
              onOrder={(order) => go(withOrder(search, order))}
              isStale={isPlaceholderData && isFetching}
              fills
            />
          )}
          <div className={css.foot}>
            <Total total={data.total} search={search} here={data.items.length} />
            <a className={actionClass} href={addressOf(spec.path, { ...question, cursor: undefined, format: "csv" })} download>
              <NavIcon name="download" />
              {i18n._({ id: "list.csv", message: "CSV" })}
            </a>
            <Pages
              search={search}
              hasNext={data.next !== null}
              onFirst={() => go(asked(search, {}))}
              onPrevious={way.before?.length ? () => go(backwards(search, way.before!), { before: way.before!.slice(0, -1) }) : null}
              onNext={() => data.next && go(onwards(search, data.next), { before: [...(way.before ?? []), search["cursor"] ?? ""] })}
            />
          </div>
        </>
      )}
    </>
  );
}

function backwards(search: Search, before: string[]): Search {
  const { cursor: _, page: __, ...rest } = search;
  const cursor = before.at(-1);
  const page = pageOf(search) - 1;
  return cursor === undefined || cursor === "" ? rest : { ...rest, cursor, page: String(page) };
}

function NewOnes({ name, search, onShow }: { name: StreamEvent; search: Search; onShow: () => void }) {
  const { i18n } = useLingui();
  const branch = search["branch"];
  const { count: news, shown } = useNewOnes(name, (record) => branch === undefined || (record as { branch?: string }).branch === branch);
  return (
    <div role="status" className={css.news}>
      {news > 0 && (
        <Action
          look="primary"
          onClick={() => {
            shown();
            onShow();
          }}
        >
          {i18n._({ id: "list.new", message: "{count, plural, one {# new} other {# new}}", values: { count: news } })}
        </Action>
      )}
    </div>
  );
}

function Nothing({ text, isNarrowed: narrowed, onClear }: { text: string; isNarrowed: boolean; onClear: () => void }) {
  const { i18n } = useLingui();
  if (!narrowed) return <p className={css.nothing}>{text}</p>;
  return (
    <div className={css.nothing}>
      <p>{i18n._({ id: "list.no-match", message: "Nothing matches these filters." })}</p>
      <Action onClick={onClear}>{i18n._({ id: "list.clear", message: "Clear filters" })}</Action>
    </div>
  );
}

/** Totals are of the whole filter, not of the page, and say so. */
function Total({ total, search, here }: { total: number; search: Search; here: number }) {
  const { i18n } = useLingui();
  const first = (pageOf(search) - 1) * pageSize + 1;
  const values = { total: count(total, i18n.locale), first: count(first, i18n.locale), last: count(first + here - 1, i18n.locale) };
  return (
    <p className={css.total} role="status">
      {here === 0 ? "" : i18n._({ id: "list.total", message: "{first} to {last} of {total}", values })}
    </p>
  );
}

interface PagesProps {
  search: Search;
  hasNext: boolean;
  onFirst: () => void;
  /** Null: the way here is not known, as after opening a link. */
  onPrevious: (() => void) | null;
  onNext: () => void;
}

function Pages({ search, hasNext, onFirst, onPrevious, onNext }: PagesProps) {
  const { i18n } = useLingui();
  const isFirst = search["cursor"] === undefined;
  if (isFirst && !hasNext) return null;
  return (
    <nav className={css.pages} aria-label={i18n._({ id: "list.pages", message: "Pages" })}>
      <Action onClick={onFirst} disabled={isFirst}>
        {i18n._({ id: "list.first", message: "First" })}
      </Action>
      <Action onClick={onPrevious ?? undefined} disabled={isFirst || onPrevious === null}>
        {i18n._({ id: "list.previous", message: "Previous" })}
      </Action>
      <Action onClick={onNext} disabled={!hasNext}>
        {i18n._({ id: "list.next", message: "Next" })}
      </Action>
    </nav>
  );
}
