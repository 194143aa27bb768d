/** Beside the filters: which columns are shown, and the views that somebody saved. Both stand in the address. */
import { useLingui } from "@lingui/react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { View } from "../api/types";
import { Action } from "../parts/Action";
import { Explanation } from "../parts/Explanation";
import { NavIcon } from "../parts/NavIcon";
import { useSurrounding } from "../surrounding";
import css from "./ListTools.module.css";
import { type Search, asked, searchOfView, viewOf } from "./address";
import { type Column, columnsIn, withColumns } from "./columns";

interface ListToolsProps {
  /** Names the list on the server. */
  list: string;
  columns: Column<never>[];
  search: Search;
  go: (search: Search) => void;
}

export function ListTools({ list, columns, search, go }: ListToolsProps) {
  return (
    <div className={css.tools}>
      <Views list={list} search={search} go={go} />
      <Columns columns={columns} search={search} go={go} />
    </div>
  );
}

/** A button with a small sheet under it. Escape and a click elsewhere close it. */
function Menu({ label, isSet = false, children }: { label: ReactNode; isSet?: boolean; children: (close: () => void) => ReactNode }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const close = (event: Event) => {
      const isEscape = event instanceof KeyboardEvent && event.key === "Escape";
      const isElsewhere = event.type === "pointerdown" && !menu.current?.contains(event.target as Node);
      if (menu.current?.open && (isEscape || isElsewhere)) menu.current.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details className={css.menu} ref={menu} data-set={isSet} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <NavIcon name="down" />
      </summary>
      {isOpen && <div className={css.sheet}>{children(() => setOpen(false))}</div>}
    </details>
  );
}

function Columns({ columns, search, go }: Omit<ListToolsProps, "list">) {
  const { i18n } = useLingui();
  const chosen = search["columns"];
  const shown = new Set(columnsIn(columns, chosen).map((column) => column.id));
  return (
    <Menu label={i18n._({ id: "tools.columns", message: "Columns" })} isSet={chosen !== undefined}>
      {() => (
        <>
      <fieldset className={css.choices}>
        <legend>{i18n._({ id: "tools.columns-shown", message: "Columns that are shown" })}</legend>
        {columns.map((column, index) => (
          <label key={column.id}>
            <input type="checkbox" checked={shown.has(column.id)} disabled={index === 0} onChange={() => go({ ...asked(search, { columns: withColumns(columns, chosen, column.id) }) })} />
            {column.label(i18n)}
          </label>
        ))}
      </fieldset>
      <Action look="quiet" disabled={chosen === undefined} onClick={() => go(asked(search, { columns: undefined }))}>
        {i18n._({ id: "tools.columns-all", message: "Show all" })}
      </Action>
        </>
      )}
    </Menu>
  );
}

function Views({ list, search, go }: Omit<ListToolsProps, "columns">) {
  const { i18n } = useLingui();
  const { api } = useSurrounding();
  const queries = useQueryClient();
  const key = ["/views", list];
  const { data: views = [] } = useQuery({ queryKey: key, queryFn: ({ signal }) => api.ask<View[]>("/views", { query: { list }, signal }) });
  const open = views.find((view) => view.name === search["view"]);
  const [name, setName] = useState(search["view"] ?? "");
  const refresh = () => queries.invalidateQueries({ queryKey: key });
  const save = useMutation({
    mutationFn: () => api.ask<View>("/views", { method: "POST", body: { list, name: name.trim(), question: viewOf(search) } }),
    onSuccess: async (view) => {
      await refresh();
      go(searchOfView(view.name, view.question));
    },
  });
  const remove = useMutation({ mutationFn: (view: View) => api.ask(`/views/${view.id}`, { method: "DELETE" }), onSuccess: refresh });
  const isChanged = open !== undefined && open.question !== viewOf(search);
  const title = open === undefined ? i18n._({ id: "tools.views", message: "Views" }) : isChanged ? i18n._({ id: "tools.view-changed", message: "{name}, changed *", values: { name: open.name } }) : open.name;
  return (
    <Menu label={title} isSet={open !== undefined}>
      {(close) => (
        <>
      {views.length === 0 ? (
        <p className={css.none}>{i18n._({ id: "tools.views-none", message: "No views yet. Filter, sort and choose columns, then save it under a name." })}</p>
      ) : (
        <ul className={css.views} aria-label={i18n._({ id: "tools.views-mine", message: "My views" })}>
          {views.map((view) => (
            <li key={view.id}>
              <button
                type="button"
                className={css.view}
                aria-current={view === open}
                onClick={() => {
                  setName(view.name);
                  close();
                  go(searchOfView(view.name, view.question));
                }}
              >
                {view.name}
              </button>
              <button type="button" className={css.remove} onClick={() => remove.mutate(view)} aria-label={i18n._({ id: "tools.view-delete", message: "Delete the view {name}", values: { name: view.name } })}>
                <NavIcon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        className={css.save}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") save.mutate(undefined, { onSuccess: close });
        }}
      >
        <label>
          <span>{i18n._({ id: "tools.view-name", message: "Name of this view" })}</span>
          <input value={name} onChange={(event) => setName(event.target.value)} maxLength={100} required />
        </label>
        <Action type="submit" look="primary" disabled={save.isPending || name.trim() === ""}>
          {i18n._({ id: "action.save", message: "Save" })}
        </Action>
      </form>
      {save.error && <Explanation problem={save.error} />}
        </>
      )}
    </Menu>
  );
}
