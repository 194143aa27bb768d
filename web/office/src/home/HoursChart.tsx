/** What was sold in each hour, as bars; the same figures as a table one click away (REP-08). Heights are shares of the highest. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import type { TotalFigures } from "../api/types";
import { amount, count } from "../format";
import { Panel } from "../parts/Panel";
import css from "./Home.module.css";

const hourText = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

export function HoursChart({ totals }: { totals: TotalFigures }) {
  const { i18n } = useLingui();
  const [asTable, setAsTable] = useState(false);
  if (totals.hours.length === 0) return null;
  const title = i18n._({ id: "hours.title", message: "Sold by hour, {currency}", values: { currency: totals.currency } });
  return (
    <Panel
      title={title}
      aside={
        <button type="button" className={css.switch} onClick={() => setAsTable(!asTable)}>
          {asTable ? i18n._({ id: "hours.chart", message: "Chart" }) : i18n._({ id: "hours.table", message: "Table" })}
        </button>
      }
    >
      {asTable ? <HoursTable totals={totals} /> : <Bars totals={totals} title={title} />}
    </Panel>
  );
}

function Bars({ totals, title }: { totals: TotalFigures; title: string }) {
  const { i18n } = useLingui();
  const first = totals.hours[0]!.hour;
  const last = totals.hours.at(-1)!.hour;
  const highest = Math.max(1, ...totals.hours.map((hour) => hour.total_minor));
  const hours = Array.from({ length: last - first + 1 }, (_, index) => {
    const hour = first + index;
    return totals.hours.find((one) => one.hour === hour) ?? { hour, total_minor: 0, sales: 0, returned_minor: 0 };
  });
  return (
    <div className={css.bars} role="img" aria-label={title}>
      {hours.map((hour) => (
        <div key={hour.hour} className={css.barSlot} title={`${hourText(hour.hour)}  ${amount(hour.total_minor, totals.currency, i18n.locale)}`}>
          <span className={css.barValue}>{hour.total_minor === highest && amount(hour.total_minor, totals.currency, i18n.locale)}</span>
          <span className={css.bar} style={{ height: `${(hour.total_minor / highest) * 100}%` }} />
          <span className={css.barHour}>{String(hour.hour).padStart(2, "0")}</span>
        </div>
      ))}
    </div>
  );
}

function HoursTable({ totals }: { totals: TotalFigures }) {
  const { i18n } = useLingui();
  return (
    <table className={css.hours}>
      <thead>
        <tr>
          <th scope="col">{i18n._({ id: "hours.hour", message: "Hour" })}</th>
          <th scope="col">{i18n._({ id: "hours.sales", message: "Sales" })}</th>
          <th scope="col">{i18n._({ id: "hours.sold", message: "Sold, {currency}", values: { currency: totals.currency } })}</th>
          <th scope="col">{i18n._({ id: "hours.returned", message: "Returned, {currency}", values: { currency: totals.currency } })}</th>
        </tr>
      </thead>
      <tbody>
        {totals.hours.map((hour) => (
          <tr key={hour.hour}>
            <th scope="row">{hourText(hour.hour)}</th>
            <td>{count(hour.sales, i18n.locale)}</td>
            <td>{amount(hour.total_minor, totals.currency, i18n.locale)}</td>
            <td>{amount(hour.returned_minor, totals.currency, i18n.locale)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
