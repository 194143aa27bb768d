/** One barcode, several products: 1 to 9 choose, Esc adds nothing. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import type { LastScan } from "../protocol";
import { useSingleKeys } from "../singleKeys";
import css from "./panels.module.css";

export function ChooserPanel({ scan }: { scan: LastScan }) {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const choices = (scan.choices ?? []).slice(0, 9);
  useSingleKeys(Object.fromEntries(choices.map((product, index) => [String(index + 1), () => void acts.add(product.product_id)])));
  return (
    <Panel title={i18n._({ id: "chooser.title", message: "Which one is it?" })} aside={scan.code}>
      <p>{scan.text}</p>
      <ul className={css.list}>
        {choices.map((product, index) => (
          <li key={product.product_id}>
            <Button hint={String(index + 1)} data-first={index === 0 || undefined} onClick={() => void acts.add(product.product_id)}>
              {product.name} · {product.price_text} · {product.stock_text}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
