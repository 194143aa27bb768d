/** A list under a field: Up and Down choose, Enter takes, a tap takes; the field keeps the focus. */
import { type KeyboardEvent, type ReactNode, useEffect, useState } from "react";
import css from "./Options.module.css";

export interface Options<T> {
  active: number;
  setActive: (index: number) => void;
  /** For the field: handles Up and Down. */
  onKeyDown: (event: KeyboardEvent) => void;
  current: T | undefined;
}

export function useOptions<T>(items: readonly T[]): Options<T> {
  const [active, setActive] = useState(0);
  useEffect(() => setActive(0), [items]);
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || items.length === 0) return;
    event.preventDefault();
    setActive((index) => Math.min(items.length - 1, Math.max(0, index + step)));
  }
  return { active, setActive, onKeyDown, current: items[active] };
}

interface OptionListProps<T> {
  id: string;
  label: string;
  items: readonly T[];
  active: number;
  keyOf: (item: T) => string;
  onChoose: (item: T) => void;
  children: (item: T, index: number) => ReactNode;
}

export function OptionList<T>({ id, label, items, active, keyOf, onChoose, children }: OptionListProps<T>) {
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);
  return (
    <div id={id} className={css.list} role="listbox" aria-label={label} tabIndex={-1}>
      {items.map((item, index) => (
        <div
          key={keyOf(item)}
          id={`${id}-${index}`}
          className={css.option}
          role="option"
          aria-selected={index === active}
          tabIndex={-1}
          onClick={() => onChoose(item)}
          onKeyDown={(event) => event.key === "Enter" && onChoose(item)}
        >
          {children(item, index)}
        </div>
      ))}
    </div>
  );
}

/** For the field above the list. */
export const comboProps = (id: string, active: number, count: number) => ({
  role: "combobox" as const,
  "aria-expanded": count > 0,
  "aria-controls": id,
  "aria-autocomplete": "list" as const,
  ...(count > 0 && { "aria-activedescendant": `${id}-${active}` }),
});
