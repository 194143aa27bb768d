/**
 * A printing or a card payment that may have happened. What never breaks: neither PAY nor Print again stands here before the device
 * has answered, or has been silent so long that the gateway lets a person say what the paper shows.
 */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import type { Problem } from "../protocol";
import { useSecondsSince } from "../useSince";
import css from "./panels.module.css";

export function UnknownPanel({ problem }: { problem: Problem }) {
  return problem.parameters.tender_id === undefined ? <UnknownPaper problem={problem} /> : <UnknownCard problem={problem} />;
}

function Story({ problem, withAdvice }: { problem: Problem; withAdvice: boolean }) {
  const { i18n } = useLingui();
  const words = explain(i18n, problem.code, problem.parameters);
  return (
    <>
      <section role="alert" className={css.unknown}>
        <StateMark state="unknown" />
        <p className={css.what}>{words.what}</p>
      </section>
      <p>{words.kept}</p>
      {withAdvice && (
        <p>
          <strong>{words.do}</strong>
        </p>
      )}
    </>
  );
}

/** The register is being asked; a person is asked only when it stays silent. */
function UnknownPaper({ problem }: { problem: Problem }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const seconds = useSecondsSince(problem.since);
  const [number, setNumber] = useState("");
  const isSilent = problem.parameters.stage === "silent";
  const receipt_id = String(problem.parameters.receipt_id ?? "");

  function state(answer: "printed" | "not_printed"): void {
    const document_no = Number.parseInt(number, 10);
    const hasNumber = answer === "printed" && Number.isSafeInteger(document_no);
    void gateway.send("settle_unknown", { receipt_id, answer, ...(hasNumber && { document_no }) });
  }

  return (
    <Panel
      stays
      title={i18n._({ id: "unknown.title", message: "Outcome not known" })}
      aside={problem.maker_code ? `${problem.code} (${problem.maker_code})` : problem.code}
      footer={
        isSilent && (
          <>
            <Button size="pay" onClick={() => state("not_printed")}>
              {i18n._({ id: "unknown.not-printed", message: "It did not print" })}
            </Button>
            <Button size="pay" onClick={() => state("printed")}>
              {i18n._({ id: "unknown.printed", message: "It printed" })}
            </Button>
          </>
        )
      }
    >
      <Story problem={problem} withAdvice={!isSilent} />
      {isSilent ? (
        <>
          <p>
            <strong>
              {i18n._({
                id: "unknown.silent",
                message: "The register has been silent for {seconds} s. Look at the paper and say what it shows.",
                values: { seconds },
              })}
            </strong>
          </p>
          <TextField
            label={i18n._({ id: "unknown.number", message: "Number on the paper, if it printed" })}
            inputMode="numeric"
            value={number}
            onChange={(event) => setNumber(event.target.value.replace(/\D/g, ""))}
          />
        </>
      ) : (
        <p className={css.hint}>{i18n._({ id: "unknown.asking", message: "Asking, {seconds} s.", values: { seconds } })}</p>
      )}
    </Panel>
  );
}

/** A stand-alone terminal cannot be asked: a person says what its slip says. */
function UnknownCard({ problem }: { problem: Problem }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const tender_id = String(problem.parameters.tender_id);
  const state = (outcome: "approved" | "declined") => void gateway.send("confirm_card", { tender_id, outcome });
  return (
    <Panel
      stays
      title={i18n._({ id: "unknown.title", message: "Outcome not known" })}
      aside={problem.code}
      footer={
        <>
          <Button size="pay" onClick={() => state("declined")}>
            {i18n._({ id: "unknown.slip-no", message: "Slip says declined" })}
          </Button>
          <Button size="pay" onClick={() => state("approved")}>
            {i18n._({ id: "unknown.slip-yes", message: "Slip says approved" })}
          </Button>
        </>
      }
    >
      <Story problem={problem} withAdvice />
    </Panel>
  );
}
