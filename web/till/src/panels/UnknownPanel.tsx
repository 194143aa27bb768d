/**
 * A printing or a card payment that may have happened. What never breaks: neither PAY nor Print again stands here before the device
 * has answered; the gateway says by `stage` how far it got.
 */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import type { Problem } from "../protocol";
import { useSecondsSince } from "../useSince";
import css from "./panels.module.css";

export function UnknownPanel({ problem }: { problem: Problem }) {
  const { i18n } = useLingui();
  const words = explain(i18n, problem.code, problem.parameters);
  const seconds = useSecondsSince(problem.since);
  const stage = String(problem.parameters.stage ?? "asking");
  return (
    <Panel stays title={i18n._({ id: "unknown.title", message: "Outcome not known" })} aside={problem.code} footer={<Decisions problem={problem} stage={stage} />}>
      <section role="alert" className={css.unknown}>
        <StateMark state="unknown" />
        <p className={css.what}>{words.what}</p>
      </section>
      <p>{words.kept}</p>
      {stage === "asking" && (
        <p>
          <strong>{words.do}</strong>
        </p>
      )}
      <p className={css.hint}>
        {stage === "asking" && i18n._({ id: "unknown.asking", message: "Asking, {seconds} s.", values: { seconds } })}
        {stage === "not_done" && i18n._({ id: "unknown.not-done", message: "The device answered: it was not done." })}
        {stage === "silent" && i18n._({ id: "unknown.silent", message: "The device has been silent for {seconds} s. A manager decides.", values: { seconds } })}
      </p>
    </Panel>
  );
}

function Decisions({ problem, stage }: { problem: Problem; stage: string }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const sale_id = String(problem.parameters.sale_id ?? "");
  const tender_id = String(problem.parameters.tender_id ?? "");
  if (stage === "asking") return null;
  if (problem.code.startsWith("PAY")) {
    const state = (decision: "approved" | "declined") => void gateway.send("settle_unknown", { sale_id, tender_id, decision });
    return (
      <>
        <Button size="pay" onClick={() => state("declined")}>
          {i18n._({ id: "unknown.slip-no", message: "Slip says declined" })}
        </Button>
        <Button size="pay" onClick={() => state("approved")}>
          {i18n._({ id: "unknown.slip-yes", message: "Slip says approved" })}
        </Button>
      </>
    );
  }
  if (stage === "not_done") {
    return (
      <Button size="pay" look="primary" onClick={() => void gateway.send("settle_unknown", { sale_id, decision: "print_again" })}>
        {i18n._({ id: "unknown.print", message: "Print again" })}
      </Button>
    );
  }
  return (
    <Button size="pay" onClick={() => void gateway.send("settle_unknown", { sale_id, decision: "park" })}>
      {i18n._({ id: "unknown.park", message: "Set aside as unresolved" })}
    </Button>
  );
}
