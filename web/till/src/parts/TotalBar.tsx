/** The total and PAY: always in sight, in every state of the sale that can be paid. */
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { Button } from "../../../kit/Button";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import { useTill, useView } from "../till";
import css from "./TotalBar.module.css";

export const TotalBar = memo(function TotalBar() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const total = useBasket((basket) => basket.total_text);
  const currency = useBasket((basket) => basket.currency);
  const hasLines = useBasket(({ state, line_count }) => state === "open" && line_count > 0);
  const mine = useView((view) => view.lease.mine);
  const lost = useTill((state) => state.link !== "open");
  const label = i18n._({ id: "total.label", message: "TOTAL" });
  return (
    <div className={css.bar}>
      <div className={css.total}>
        <span className={css.label}>
          {label} {currency}
        </span>
        <output className={css.sum} aria-label={label}>
          {total}
        </output>
      </div>
      <Button className={css.pay} look="primary" size="pay" hint="+" disabled={!hasLines || !mine || lost} onClick={() => acts.pay()}>
        {lost ? i18n._({ id: "total.waiting", message: "Waiting for the gateway" }) : i18n._({ id: "total.pay", message: "PAY" })}
      </Button>
    </div>
  );
});
