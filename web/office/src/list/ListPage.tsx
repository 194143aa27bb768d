/**
 * The one page of all lists: filter row, table, pages, export. Its state is in the address, so that a link or Back shows the same.
 * Sorting and paging are the API's; nothing here looks at more than one page of rows.
 */
import { useLingui } from "@lingui/react";
import type { I18n } from "@lingui/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { type Query, addressOf } from "../api/client";
import type { Page as Rows, Right } from "../api/types";
import { count } from "../format";
import { AsOf } from "../home/AsOf";
import { usePanel } from "../home/usePanel";
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
import { ListTools } from "./ListTools";
import { type Search, asked, isNarrowed, onwards, orderOf, pageOf, pageSize, questionOf, withOrder } from "./address";
import { type Column, type Order, columnsIn } from "./columns";
import type { Filter } from "./filters";

export interface ListSpec<Row> {
  /** Of the API. */
  path: string;
  /** What its saved views are kept under, where the path is not the same for all: a list of one record's. */
  list?: string;
  right: Right;
  title: (i18n: I18n) => string;
  help: (i18n: I18n) => string;
  /** A function, where the answer itself says which columns there are; without an answer: those that always are. */
  columns: Column<Row>[] | ((page: Rows<Row> | undefined) => Column<Row>[]);
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
  /** Its figures come from branches: the page says as of when, and which branches are missing. */
  isOfBranches?: boolean;
  /** What is to be known before reading this answer. */
  note?: (page: Rows<Row>) => ReactNode;
  /** One act on many rows. */
  bulk?: { right: Right; act: (rows: Row[], done: () => void) => ReactNode };
}

export function ListPage<Row>({ spec, below }: { spec: ListSpec<Row>; below?: ReactNode }) {
  const { i18n } = useLingui();
  const isMay = useMay(spec.right);
  return (
    <Page title={spec.title(i18n)} help={spec.help(i18n)} aside={spec.isOfBranches && isMay && <AsOfNow />}>
      {isMay ? <List spec={spec} /> : <NoRight right={spec.right} />}
      {below}
    </Page>
  );
}

/** The age of figures, for lists that are made of them (REP-04). */
function AsOfNow() {
  const { data } = usePanel();
  return data && <AsOf panel={data} />;
}

/** Cursors of the pages before, so that Back one page needs no guess. */
interface Way {
  before?: string[];
}

export function List<Row>({ spec }: { spec: ListSpec<Row> }) {
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
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const mayAct = useMay(spec.bulk?.right ?? spec.right);
  const columns = typeof spec.columns === "function" ? spec.columns(data) : spec.columns;
  const rows = data?.items ?? [];
  const picked = rows.filter((row) => chosen.has(spec.keyOf(row)));
  const go = (next: Search, state: Way = {}, replace = false) => void navigate({ to: ".", search: next as never, state: state as never, replace });

  return (
    <>
      <FilterRow
        filters={spec.filters}
        search={search}
        searches={spec.searches?.(i18n)}
        order={orderOf(search) ?? spec.order}
        columns={columns as Column<never>[]}
        onChange={(changes, replace) => go(asked(search, changes), {}, replace)}
        onOrder={(order) => go(withOrder(search, order))}
        tools={<ListTools list={spec.list ?? spec.path.slice(1).replaceAll("/", "-")} columns={columns as Column<never>[]} search={search} go={go} />}
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
          {spec.note?.(data)}
          {spec.bulk && picked.length > 0 && (
            <div className={css.bulk} role="group" aria-label={i18n._({ id: "list.chosen-rows", message: "Selected rows" })}>
              <strong>{i18n._({ id: "list.chosen", message: "Selected: {count}", values: { count: picked.length } })}</strong>
              {spec.bulk.act(picked, () => setChosen(new Set()))}
            </div>
          )}
          {data.items.length === 0 ? (
            <Nothing text={spec.empty(i18n)} isNarrowed={isNarrowed(search)} onClear={() => go({})} />
          ) : (
            <DataTable
              label={spec.title(i18n)}
              columns={columnsIn(columns, search["columns"])}
              rows={data.items}
              {...(spec.bulk && mayAct ? { selection: { chosen, toggle: (keys) => setChosen(toggled(chosen, keys)) } } : {})}
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

function toggled(chosen: ReadonlySet<string>, keys: string[]): ReadonlySet<string> {
  const next = new Set(chosen);
  for (const key of keys) if (!next.delete(key)) next.add(key);
  return next;
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
