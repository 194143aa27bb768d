/** Who is served: any fragment of phone, name or card. Phones stay masked until someone is chosen. */
import { useLingui } from "@lingui/react";
import { useCallback, useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { OptionList, comboProps, useOptions } from "../parts/Options";
import { Panel } from "../parts/Panel";
import { NewCard } from "./NewCard";
import { useSearch } from "../useSearch";
import css from "./panels.module.css";

export function CustomerPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const [query, setQuery] = useState("");
  const search = useCallback((text: string, signal: AbortSignal) => gateway.customers(text, signal), [gateway]);
  const { items, error, asked } = useSearch(search, query);
  const options = useOptions(items);
  const [isNew, setNew] = useState(false);

  async function choose(customerId: string): Promise<void> {
    const outcome = await gateway.send("customer", { customer_id: customerId });
    if (outcome.ok) acts.close();
  }

  if (isNew) return <NewCard typed={query} onBack={() => setNew(false)} onChoose={(customerId) => void choose(customerId)} />;
  return (
    <Panel
      title={i18n._({ id: "customer.title", message: "Customer" })}
      onSubmit={() => options.current && void choose(options.current.customer_id)}
      footer={
        <>
          <Button size="pay" onClick={() => setNew(true)}>
            {i18n._({ id: "customer.new", message: "New card" })}
          </Button>
          <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!options.current}>
            {i18n._({ id: "customer.choose", message: "Choose" })}
          </Button>
        </>
      }
    >
      <TextField
        label={i18n._({ id: "customer.label", message: "Phone digits, name or card" })}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={options.onKeyDown}
        data-main-field
        {...comboProps("customers", options.active, items.length)}
      />
      <OptionList
        id="customers"
        label={i18n._({ id: "customer.list", message: "Customers" })}
        items={items}
        active={options.active}
        keyOf={(item) => item.customer_id}
        onChoose={(item) => void choose(item.customer_id)}
      >
        {(item) => (
          <>
            <span>{item.name}</span>
            <span>{item.level_text}</span>
            <span className="second">{item.phone_text}</span>
            <span className="second">{item.last_text}</span>
          </>
        )}
      </OptionList>
      {error && <p className={css.problem}>{explain(i18n, error.code, error.parameters).what}</p>}
      {!error && asked !== "" && items.length === 0 && (
        <p className={css.hint}>{i18n._({ id: "customer.none", message: "Nobody here fits \"{text}\".", values: { text: asked } })}</p>
      )}
      {asked === "" && <p className={css.hint}>{i18n._({ id: "customer.how", message: "Four digits of the phone are enough. A card can be scanned at any time." })}</p>}
    </Panel>
  );
}
