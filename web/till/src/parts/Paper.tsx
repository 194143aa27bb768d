/** A receipt or report as printed: the columns are exact. */
import css from "../panels/panels.module.css";

export function Paper({ label, text }: { label: string; text: string }) {
  if (!text) return null;
  return (
    <section className={css.scroll} tabIndex={0} aria-label={label}>
      <pre className={css.paper}>{text}</pre>
    </section>
  );
}
