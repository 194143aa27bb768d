/** Find a product by any part of its name, code or article (F2, or just its first letter). */
import { useLingui } from "@lingui/react";
import { useCallback, useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { OptionList, comboProps, useOptions } from "../parts/Options";
import { Panel } from "../parts/Panel";
import { ProductRow } from "../parts/ProductRow";
import { ui } from "../ui";
import { useSearch } from "../useSearch";
import css from "./panels.module.css";

export function FindPanel() {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const [query, setQuery] = useState(() => ui.get().found);
  const search = useCallback((text: string, signal: AbortSignal) => gateway.search(text, signal), [gateway]);
  const { items, error, asked } = useSearch(search, query);
  const options = useOptions(items);

  return (
    <Panel
      title={i18n._({ id: "find.title", message: "Find a product" })}
      onSubmit={() => options.current && void acts.add(options.current.product_id)}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!options.current}>
          {i18n._({ id: "find.add", message: "Add to sale" })}
        </Button>
      }
    >
      <TextField
        label={i18n._({ id: "find.label", message: "Name, code or article" })}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={options.onKeyDown}
        data-main-field
        {...comboProps("found", options.active, items.length)}
      />
      <OptionList
        id="found"
        label={i18n._({ id: "find.list", message: "Products" })}
        items={items}
        active={options.active}
        keyOf={(item) => item.product_id}
        onChoose={(item) => void acts.add(item.product_id)}
      >
        {(item) => <ProductRow product={item} />}
      </OptionList>
      {error && <p className={css.problem}>{explain(i18n, error.code, error.parameters).what}</p>}
      {!error && asked !== "" && items.length === 0 && (
        <p className={css.hint}>
          {i18n._({ id: "find.none", message: "Nothing is called or coded \"{text}\". Try fewer letters.", values: { text: asked } })}
        </p>
      )}
      {asked === "" && <p className={css.hint}>{i18n._({ id: "find.how", message: "Any part of the name will do. Up and Down choose." })}</p>}
    </Panel>
  );
}
