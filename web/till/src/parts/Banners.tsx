/** Lasting conditions, one banner per cause, each with what to do. Unknown outcomes are not here: they have a panel of their own. */
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import { useSurrounding } from "../context";
import type { Problem } from "../protocol";
import { useTill, useView } from "../till";
import css from "./Banners.module.css";

export const Banners = memo(function Banners() {
  const problems = useView((view) => view.problems);
  const lost = useTill((state) => state.link === "lost");
  const lasting = problems.filter((problem) => !isOutcome(problem.code));
  return (
    <div className={css.banners}>
      <LeaseBanner />
      {lost && <LostBanner />}
      {lasting.map((problem) => (
        <ProblemBanner key={problem.code} problem={problem} />
      ))}
    </div>
  );
});

export const isOutcome = (code: string) => /-5\d\d$/.test(code);

function ProblemBanner({ problem }: { problem: Problem }) {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const mine = useView((view) => view.lease.mine);
  const words = explain(i18n, problem.code, problem.parameters);
  return (
    <div className={css.banner} data-state="attention" role="status">
      <StateMark state="attention" />
      <p className={css.text}>
        <strong>{words.what}</strong> {words.kept} {words.do}
      </p>
      {problem.code === "FIS-411" && (
        <Button disabled={!mine} onClick={() => void gateway.send("close_stray", {})}>
          {i18n._({ id: "banner.close-stray", message: "Complete that document" })}
        </Button>
      )}
      <Button look="quiet" onClick={() => acts.help(problem.code)}>
        {problem.maker_code ? `${problem.code} (${problem.maker_code})` : problem.code}
      </Button>
    </div>
  );
}

/** The one real stop of the till: the basket stays, scans are held, money waits. */
function LostBanner() {
  const { i18n } = useLingui();
  const held = useTill((state) => state.unanswered);
  const words = explain(i18n, "NET-302", { held });
  return (
    <div className={css.banner} data-state="stopped" role="alert">
      <StateMark state="stopped" />
      <p className={css.text}>
        <strong>{words.what}</strong> {words.kept} {words.do}
      </p>
      <span className={css.code}>NET-302</span>
    </div>
  );
}

/** Two windows, one till: this one only looks on until a person says otherwise. */
function LeaseBanner() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const lease = useView((view) => view.lease);
  if (lease.mine) return null;
  const words = explain(i18n, "SAL-232", { holder: lease.holder ?? "-" });
  return (
    <div className={css.banner} data-state="attention" role="alert">
      <StateMark state="attention" />
      <p className={css.text}>
        <strong>{words.what}</strong> {words.kept}
      </p>
      <Button look="primary" onClick={() => acts.claim()}>
        {i18n._({ id: "lease.claim", message: "Use the till here" })}
      </Button>
    </div>
  );
}
