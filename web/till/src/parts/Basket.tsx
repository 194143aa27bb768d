/**
 * The lines of the sale, subscribed on its own so that nothing else is drawn with a scan.
 * Only the last 60 are here; the newest is in view before the frame is painted. No motion on lines but one flash.
 */
import { useLingui } from "@lingui/react";
import { memo, useLayoutEffect, useRef } from "react";
import { useBasket } from "../basket";
import { useSurrounding } from "../context";
import type { Line } from "../protocol";
import { selectedLine, useUi } from "../ui";
import css from "./Basket.module.css";

export const Basket = memo(function Basket() {
  const { i18n } = useLingui();
  const lines = useBasket((basket) => basket.lines);
  const count = useBasket((basket) => basket.line_count);
  const basket = useBasket((all) => all);
  const chosen = useUi((state) => state.selected);
  const selected = selectedLine(basket, chosen)?.id ?? null;
  const box = useRef<HTMLElement>(null);
  const newest = lines.find((line) => line.newest);

  useLayoutEffect(() => {
    // With the frame, before it is painted: measuring the page at once for each of many scans costs more than drawing it.
    const frame = requestAnimationFrame(() => {
      const rows = [...(box.current?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
      rows.find((row) => row.dataset.line === (chosen ?? newest?.id))?.scrollIntoView({ block: "nearest" });
    });
    return () => cancelAnimationFrame(frame);
  }, [newest, chosen]);

  if (lines.length === 0) return <Empty />;
  const hidden = count - lines.length;
  return (
    <section ref={box} className={css.box} aria-label={i18n._({ id: "basket.label", message: "Basket" })} tabIndex={0}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col" className={css.no}>
              {i18n._({ id: "basket.no", message: "No." })}
            </th>
            <th scope="col">{i18n._({ id: "basket.item", message: "Item" })}</th>
            <th scope="col" className={css.number}>
              {i18n._({ id: "basket.quantity", message: "Qty" })}
            </th>
            <th scope="col" className={css.number}>
              {i18n._({ id: "basket.price", message: "Price" })}
            </th>
            <th scope="col" className={css.number}>
              {i18n._({ id: "basket.sum", message: "Sum" })}
            </th>
          </tr>
        </thead>
        <tbody>
          {hidden > 0 && (
            <tr>
              <td colSpan={5} className={css.earlier}>
                {i18n._({
                  id: "basket.earlier",
                  message: "{count, plural, one {# earlier line counts and is not shown} other {# earlier lines count and are not shown}}",
                  values: { count: hidden },
                })}
              </td>
            </tr>
          )}
          {lines.map((line) => (
            <Row key={line.id} line={line} isSelected={line.id === selected} />
          ))}
        </tbody>
      </table>
    </section>
  );
});

const Row = memo(function Row({ line, isSelected }: { line: Line; isSelected: boolean }) {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const shared = {
    "aria-current": isSelected || undefined,
    "data-newest": line.newest || undefined,
    "data-voided": line.voided || undefined,
    onClick: () => acts.select(line.id),
  };
  return (
    <>
      <tr className={css.row} data-line={line.id} {...shared}>
        <td className={css.no}>{line.no}</td>
        <td className={css.item}>
          <span className={css.name}>{line.name}</span>
          {line.voided && <span className={css.mark}>{i18n._({ id: "basket.voided", message: "voided" })}</span>}
        </td>
        <td className={css.number}>{line.quantity_text}</td>
        <td className={css.number}>{line.price_text}</td>
        <td className={css.number}>{line.sum_text}</td>
      </tr>
      {line.discounts.map((discount) => (
        <tr key={discount.text} className={css.discount} {...shared}>
          <td />
          <td colSpan={3}>{discount.text}</td>
          <td className={css.number}>{discount.sum_text}</td>
        </tr>
      ))}
    </>
  );
});

function Empty() {
  const { i18n } = useLingui();
  return (
    <section className={css.empty} aria-label={i18n._({ id: "basket.label", message: "Basket" })}>
      <p className={css.emptyTitle}>{i18n._({ id: "basket.empty", message: "Scan the first item" })}</p>
      <p>{i18n._({ id: "basket.empty-how", message: "Or type its code and press Enter, or start its name." })}</p>
    </section>
  );
}
