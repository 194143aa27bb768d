/** A panel of the right column: it covers that column and leaves the basket in sight. On a phone it is a sheet over the page. */
import { useLingui } from "@lingui/react";
import { type FormEvent, type ReactNode, useEffect, useRef } from "react";
import { Button } from "../../../kit/Button";
import { useSurrounding } from "../context";
import css from "./Panel.module.css";

interface PanelProps {
  title: string;
  /** Stands right of the title: a sum, a number. */
  aside?: ReactNode;
  children: ReactNode;
  /** The acts at the bottom; the last is the primary one. */
  footer?: ReactNode;
  /** Enter in a field, or the button of type submit. */
  onSubmit?: () => void;
  /** Steps back; as Esc does when none is given. */
  onBack?: () => void;
  /** Blocks what it asks about: there is no way back from it here. */
  stays?: boolean;
  /** Much to show: less space around it. */
  isTight?: boolean;
}

export function Panel({ title, aside, children, footer, onSubmit, onBack, stays = false, isTight = false }: PanelProps) {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const box = useRef<HTMLFormElement>(null);

  useEffect(() => {
    const first = ["[data-first]", "input, select", "[type=submit]"]
      .map((selector) => box.current?.querySelector<HTMLElement>(selector))
      .find(Boolean);
    (first ?? box.current)?.focus();
    // Focus goes back to the scan field when the panel closes, wherever it was opened from.
    return () => document.querySelector<HTMLElement>("[data-entry]")?.focus();
  }, []);

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSubmit?.();
  }

  return (
    <form ref={box} className={css.panel} aria-label={title} tabIndex={-1} onSubmit={submit} noValidate>
      <header className={css.head}>
        {!stays && (
          <Button className={css.back} look="quiet" hint="Esc" onClick={onBack ?? (() => acts.back())}>
            {i18n._({ id: "panel.back", message: "Back" })}
          </Button>
        )}
        <h2>{title}</h2>
        {aside && <span className={css.aside}>{aside}</span>}
      </header>
      <div className={css.body} data-tight={isTight || undefined}>{children}</div>
      {footer && <footer className={css.foot}>{footer}</footer>}
    </form>
  );
}
