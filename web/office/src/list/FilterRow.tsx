/** Search in this list, filters beside it, chips of what narrows it. On a phone filters and order are in one sheet. */
import { useLingui } from "@lingui/react";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useBranchName, useBranches } from "../home/usePanel";
import { NavIcon } from "../parts/NavIcon";
import css from "./FilterRow.module.css";
import type { Search } from "./address";
import type { Column, Order } from "./columns";
import type { Choice, Filter } from "./filters";

/** Milliseconds of quiet before a typed search is asked. */
const typingMs = 300;

interface FilterRowProps {
  filters: Filter[];
  search: Search;
  searches: string | undefined;
  order: Order;
  columns: Column<never>[];
  onChange: (changes: Record<string, string | undefined>, replace?: boolean) => void;
  onOrder: (order: Order) => void;
  /** At the end of the row. */
  tools?: ReactNode;
}

export function FilterRow(props: FilterRowProps) {
  const { i18n } = useLingui();
  const { filters, search, searches, onChange } = props;
  const isNarrow = useMediaQuery("(max-width: 599px)", undefined, { getInitialValueInEffect: false });
  const active = filters.filter((filter) => search[filter.name] !== undefined);
  const fields = filters.map((filter) => (
    <FilterField key={filter.name} filter={filter} value={search[filter.name] ?? ""} onChange={(value) => onChange({ [filter.name]: value })} />
  ));
  return (
    <div className={css.filters} role="search">
      <div className={css.row}>
        {searches !== undefined && <SearchField label={searches} value={search["q"] ?? ""} onChange={(q) => onChange({ q }, true)} />}
        {isNarrow ? (
          <details className={css.sheet}>
            <summary>
              {i18n._({ id: "filter.sheet", message: "Filter and order" })}
              {active.length > 0 && ` (${active.length})`}
            </summary>
            <div className={css.sheetBody}>
              {fields}
              <OrderField {...props} />
            </div>
          </details>
        ) : (
          fields
        )}
        {props.tools}
      </div>
      {(active.length > 0 || search["q"] !== undefined) && (
        <ul className={css.chips} aria-label={i18n._({ id: "filter.chips", message: "What narrows the list" })}>
          {search["q"] !== undefined && <Chip text={`"${search["q"]}"`} onRemove={() => onChange({ q: undefined })} />}
          {active.map((filter) => (
            <FilterChip key={filter.name} filter={filter} value={search[filter.name]!} onRemove={() => onChange({ [filter.name]: undefined })} />
          ))}
        </ul>
      )}
    </div>
  );
}

function SearchField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  // The address changed by itself: Back, a chip taken away.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      tell.current(text);
    }, typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label className={css.search}>
      <span className="visually-hidden">{label}</span>
      <NavIcon name="search" />
      <input type="search" placeholder={label} value={text} onChange={(event) => setText(event.target.value)} data-search aria-keyshortcuts="/" maxLength={100} />
    </label>
  );
}

function FilterField({ filter, value, onChange }: { filter: Filter; value: string; onChange: (value: string) => void }) {
  const { i18n } = useLingui();
  const choices = useChoices(filter);
  const label = filter.label(i18n);
  if (filter.kind === "day") {
    return (
      <Field label={label}>
        <input type="date" value={value} onChange={(event) => onChange(event.target.value)} data-set={value !== ""} />
      </Field>
    );
  }
  return (
    <Field label={label}>
      <select value={value} onChange={(event) => onChange(event.target.value)} data-set={value !== ""}>
        <option value="">{filter.kind === "branch" ? i18n._({ id: "filter.all-branches", message: "All branches" }) : filter.none(i18n)}</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

function OrderField({ columns, order, onOrder }: FilterRowProps) {
  const { i18n } = useLingui();
  const sortable = columns.filter((column) => column.sort !== undefined);
  const directions: [Order["order"], string][] = [
    ["asc", i18n._({ id: "order.asc", message: "ascending" })],
    ["desc", i18n._({ id: "order.desc", message: "descending" })],
  ];
  return (
    <Field label={i18n._({ id: "order.title", message: "Order" })}>
      <select
        value={`${order.sort} ${order.order}`}
        onChange={(event) => {
          const [sort, direction] = event.target.value.split(" ");
          onOrder({ sort: sort!, order: direction as Order["order"] });
        }}
      >
        {sortable.flatMap((column) =>
          directions.map(([direction, word]) => (
            <option key={`${column.id} ${direction}`} value={`${column.sort} ${direction}`}>
              {`${column.label(i18n)}, ${word}`}
            </option>
          )),
        )}
      </select>
    </Field>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className={css.field}>
      <span className={css.label}>{label}</span>
      {children}
    </label>
  );
}

function useChoices(filter: Filter): Choice[] {
  const { i18n } = useLingui();
  const branches = useBranches();
  if (filter.kind === "branch") return branches.map((branch) => ({ value: branch.id, label: branch.name }));
  return filter.kind === "choice" ? filter.choices(i18n) : [];
}

function FilterChip({ filter, value, onRemove }: { filter: Filter; value: string; onRemove: () => void }) {
  const { i18n } = useLingui();
  const nameOf = useBranchName();
  const choices = useChoices(filter);
  const shown = filter.kind === "branch" ? nameOf(value) : (choices.find((choice) => choice.value === value)?.label ?? value);
  return <Chip text={`${filter.label(i18n)}: ${shown}`} onRemove={onRemove} />;
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  const { i18n } = useLingui();
  return (
    <li>
      <button type="button" className={css.chip} onClick={onRemove} aria-label={i18n._({ id: "filter.remove", message: "Take away {filter}", values: { filter: text } })}>
        {text}
        <NavIcon name="close" />
      </button>
    </li>
  );
}
