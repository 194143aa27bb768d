/** What does it cost: no basket touched, no right needed. While it is open, scans show an item instead of selling it. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { useView } from "../till";
import css from "./panels.module.css";

export function PriceCheckPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const item = useView((view) => view.price_check?.item ?? null);
  const [typed, setTyped] = useState("");

  function submit(): void {
    const raw = typed.trim();
    if (raw !== "") {
      setTyped("");
      void gateway.send("scan", { raw, source: "typed" });
    } else if (item) void acts.add(item.product_id);
  }

  return (
    <Panel
      title={i18n._({ id: "check.title", message: "Price check" })}
      onSubmit={submit}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!item && typed.trim() === ""}>
          {typed.trim() === "" ? i18n._({ id: "find.add", message: "Add to sale" }) : i18n._({ id: "check.show", message: "Show" })}
        </Button>
      }
    >
      <TextField
        label={i18n._({ id: "check.label", message: "Scan the item, or type its code" })}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        data-main-field
      />
      {item ? (
        <section className={css.block} aria-live="polite">
          <h3 className={css.what}>{item.name}</h3>
          <p className={css.big}>{item.price_text}</p>
          <dl className={css.facts}>
            <dt>{i18n._({ id: "check.here", message: "Here" })}</dt>
            <dd>{item.stock_text}</dd>
            <dt>{i18n._({ id: "check.code", message: "Code" })}</dt>
            <dd>{item.barcodes[0] ?? item.code}</dd>
          </dl>
        </section>
      ) : (
        <p className={css.hint}>{i18n._({ id: "check.how", message: "The basket is not touched. The next scan shows the next item." })}</p>
      )}
    </Panel>
  );
}
