/** Today's figures of one currency. Currencies are never added. */
import { useLingui } from "@lingui/react";
import { Link } from "@tanstack/react-router";
import type { TotalFigures } from "../api/types";
import { count, money } from "../format";
import css from "./Home.module.css";

export function FigureRow({ totals, isAlone }: { totals: TotalFigures; isAlone: boolean }) {
  const { i18n } = useLingui();
  const { currency } = totals;
  const figures = [
    {
      id: "revenue",
      to: "/sales",
      label: i18n._({ id: "figures.revenue", message: "Revenue" }),
      value: money(totals.net_minor, currency, i18n.locale),
      note: i18n._({ id: "figures.revenue-note", message: "sold less returned" }),
    },
    {
      id: "average",
      to: "/sales",
      label: i18n._({ id: "figures.average", message: "Average check" }),
      value: totals.average_minor === null ? "-" : money(totals.average_minor, currency, i18n.locale),
      note: i18n._({ id: "figures.average-note", message: "of a sale, before returns" }),
    },
    {
      id: "sales",
      to: "/sales",
      label: i18n._({ id: "figures.sales", message: "Sales" }),
      value: count(totals.sales, i18n.locale),
      note: i18n._({ id: "figures.sales-note", message: "{cancelled} cancelled", values: { cancelled: count(totals.cancelled, i18n.locale) } }),
    },
    {
      id: "returns",
      to: "/returns",
      label: i18n._({ id: "figures.returns", message: "Returns" }),
      value: count(totals.returns, i18n.locale),
      note: money(totals.returned_minor, currency, i18n.locale),
    },
  ];
  const label = i18n._({ id: "figures.today", message: "Today in {currency}", values: { currency } });
  return (
    <section className={css.figures} aria-label={label}>
      {!isAlone && <h2 className={css.currencyName}>{label}</h2>}
      {figures.map((figure) => (
        <Link key={figure.id} to={figure.to} className={css.figure} data-figure={figure.id}>
          <span className={css.figureLabel}>{figure.label}</span>
          <span className={css.figureValue}>{figure.value}</span>
          <span className={css.figureNote}>{figure.note}</span>
        </Link>
      ))}
    </section>
  );
}
