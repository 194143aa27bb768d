/** Right of the basket while no panel is open: who is served, and the sums above the total. */
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import type { Customer } from "../protocol";
import css from "./Side.module.css";

export const Side = memo(function Side() {
  const { i18n } = useLingui();
  const customer = useBasket((basket) => basket.customer);
  const count = useBasket((basket) => basket.line_count);
  const subtotal = useBasket((basket) => basket.subtotal_text);
  const discount = useBasket((basket) => basket.discount_text);
  return (
    <>
      <section className={css.customer} data-empty={!customer || undefined} aria-label={i18n._({ id: "side.customer", message: "Customer" })}>
        {customer ? <CustomerCard customer={customer} /> : <NoCustomer />}
      </section>
      <dl className={css.sums}>
        <div>
          <dt>
            {i18n._({
              id: "side.subtotal",
              message: "{count, plural, one {Subtotal, # line} other {Subtotal, # lines}}",
              values: { count },
            })}
          </dt>
          <dd>{subtotal}</dd>
        </div>
        {discount && (
          <div className={css.discount}>
            <dt>{i18n._({ id: "side.discount", message: "Discount" })}</dt>
            <dd>{discount}</dd>
          </div>
        )}
      </dl>
    </>
  );
});

function NoCustomer() {
  const { i18n } = useLingui();
  return (
    <>
      <h2>{i18n._({ id: "side.no-customer", message: "No customer" })}</h2>
      <p className={css.hint}>
        {i18n._({ id: "side.no-customer-how", message: "Scan a card, or find by phone or name (F3). The sale does not wait for it." })}
      </p>
    </>
  );
}

function CustomerCard({ customer }: { customer: Customer }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  return (
    <>
      <header className={css.head}>
        <h2>{customer.name}</h2>
        <Button look="quiet" onClick={() => void gateway.send("customer", { customer_id: null })}>
          {i18n._({ id: "side.remove", message: "Remove" })}
        </Button>
      </header>
      {(customer.level_text ?? customer.points_text) && (
        <p className={css.facts}>
          {customer.level_text && <span>{customer.level_text}</span>}
          {customer.points_text && (
            <span>{i18n._({ id: "side.points", message: "Points {points}", values: { points: customer.points_text } })}</span>
          )}
        </p>
      )}
      {customer.note && (
        <p className={css.note}>
          <StateMark state="attention" />
          <span>{customer.note}</span>
        </p>
      )}
    </>
  );
}
