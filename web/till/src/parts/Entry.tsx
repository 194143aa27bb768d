/** The scan field: a code, an article, a quantity before the star, or the first letters of a name, which open Find. */
import { useLingui } from "@lingui/react";
import { type FormEvent, memo } from "react";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { useView } from "../till";
import { ui, useUi } from "../ui";
import css from "./Entry.module.css";

const startsName = /^\p{Letter}/u;

export const Entry = memo(function Entry() {
  const { i18n } = useLingui();
  const { acts, scans } = useSurrounding();
  const entry = useUi((state) => state.entry);
  const next = useBasket((basket) => basket.next_quantity_text);
  const mine = useView((view) => view.lease.mine);
  const label = i18n._({ id: "entry.label", message: "Scan, type a code, or start a name" });

  function change(text: string): void {
    ui.set({ entry: text });
    if (!startsName.test(text)) return;
    scans.whenTyped(() => {
      const typed = ui.get().entry;
      if (!startsName.test(typed)) return;
      ui.set({ entry: "", found: typed });
      acts.open("find");
    });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    acts.enter();
  }

  return (
    <form className={css.entry} onSubmit={submit}>
      <input
        className={css.field}
        aria-label={label}
        placeholder={label}
        value={entry}
        onChange={(event) => change(event.target.value)}
        disabled={!mine}
        autoFocus
        data-entry
        data-main-field
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="go"
      />
      {next && (
        <output className={css.next} aria-label={i18n._({ id: "entry.next", message: "The next item counts" })}>
          {i18n._({ id: "entry.next-short", message: "next: {quantity}", values: { quantity: next } })}
        </output>
      )}
    </form>
  );
});
