/** What can be done to the chosen line by touch; each has its key. */
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { Button } from "../../../kit/Button";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { useView } from "../till";
import { selectedLine, useUi } from "../ui";
import css from "./LineBar.module.css";

export const LineBar = memo(function LineBar() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const basket = useBasket((all) => all);
  const mine = useView((view) => view.lease.mine);
  const chosen = useUi((state) => state.selected);
  const line = selectedLine(basket, chosen);
  if (!line || basket.state !== "open" || !mine) return null;
  return (
    <div className={css.bar} role="group" aria-label={i18n._({ id: "line.label", message: "Line: {name}", values: { name: line.name } })}>
      <Button aria-label={i18n._({ id: "line.minus", message: "Minus one" })} disabled={line.quantity_milli <= 1000} onClick={() => acts.step(-1)}>
        −
      </Button>
      <Button aria-label={i18n._({ id: "line.plus", message: "Plus one" })} onClick={() => acts.step(1)}>
        +
      </Button>
      <Button hint="*" onClick={() => acts.open("quantity")}>
        {i18n._({ id: "line.quantity", message: "Quantity" })}
      </Button>
      <Button className={css.void} hint="Del" onClick={() => acts.voidSelected()}>
        {i18n._({ id: "line.void", message: "Void line" })}
      </Button>
    </div>
  );
});
