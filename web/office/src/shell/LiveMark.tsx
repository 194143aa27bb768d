/** Whether figures arrive as they happen: a mark in the top bar, and a strip that says since when they do not. */
import { useLingui } from "@lingui/react";
import { StateMark } from "../../../kit/StateMark";
import { moment } from "../format";
import { useLive } from "../live/Live";
import { StateWord } from "../parts/StateWord";
import css from "./LiveMark.module.css";

export function LiveMark() {
  const { i18n } = useLingui();
  const { link } = useLive();
  if (link === "open") return <StateWord state="ok">{i18n._({ id: "live.open", message: "Live" })}</StateWord>;
  if (link === "opening") return null;
  return <StateWord state="offline">{i18n._({ id: "live.lost", message: "Not live" })}</StateWord>;
}

export function LostStrip() {
  const { i18n } = useLingui();
  const { link, lostAt } = useLive();
  if (link === "open" || lostAt === null) return null;
  return (
    <p className={css.strip} role="status">
      <StateMark state="offline" />
      {i18n._({
        id: "live.strip",
        message: "No live link since {time}. What is shown is as old as that; branches go on selling. This page comes back by itself.",
        values: { time: moment(lostAt.toISOString(), "time", i18n.locale) },
      })}
    </p>
  );
}
