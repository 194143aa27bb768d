/** Cells that lists share: a branch by its name, a moment with the exact time under the pointer, an amount with its currency. */
import { useLingui } from "@lingui/react";
import { useBranch, useBranchName } from "../home/usePanel";
import { amount, count, moment, quantity } from "../format";
import css from "./cells.module.css";

export function BranchCell({ id }: { id: string }) {
  return useBranchName()(id);
}

/** A day and a time, to the minute, on the branch's clock; seconds and, where it differs from the reader's, the zone under the pointer. */
export function MomentCell({ at, branch }: { at: string | null; branch?: string }) {
  const { i18n } = useLingui();
  const zone = useBranch(branch)?.zone;
  if (at === null) return "-";
  const isElsewhere = zone !== undefined && moment(at, "full", i18n.locale, zone) !== moment(at, "full", i18n.locale);
  return (
    <time dateTime={at} title={`${moment(at, "full", i18n.locale, zone)}${isElsewhere ? ` ${zone}` : ""}`}>
      {moment(at, "day", i18n.locale, zone)} {moment(at, "time", i18n.locale, zone)}
    </time>
  );
}

export function AmountCell({ minor, currency }: { minor: number | null; currency: string }) {
  const { i18n } = useLingui();
  if (minor === null) return "-";
  return (
    <span className={css.amount}>
      {amount(minor, currency, i18n.locale)} <span className={css.currency}>{currency}</span>
    </span>
  );
}

export function CountCell({ value }: { value: number | null }) {
  const { i18n } = useLingui();
  return value === null ? "-" : count(value, i18n.locale);
}

export function QuantityCell({ milli, unit }: { milli: number; unit: string }) {
  const { i18n } = useLingui();
  return (
    <span className={css.amount}>
      {quantity(milli, i18n.locale)} <span className={css.currency}>{unit}</span>
    </span>
  );
}

/** A calendar day, the same wherever it is read. */
export function DayCell({ day }: { day: string }) {
  const { i18n } = useLingui();
  return <time dateTime={day}>{moment(`${day}T00:00:00Z`, "day", i18n.locale, "UTC")}</time>;
}
