/**
 * A second person lets one act happen: by PIN here, or by a badge under the till's scanner. Only that act waits: scanning goes on beside it.
 * What never breaks: the act is sent once for one approval, whichever way it came.
 */
import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import { Panel } from "../parts/Panel";
import type { ErrorBody } from "../protocol";
import { type WaitingForApproval, useView } from "../till";
import css from "./panels.module.css";

export function ApprovalPanel({ waiting }: { waiting: WaitingForApproval }) {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<ErrorBody | null>(null);
  const words = explain(i18n, waiting.error.code, waiting.error.parameters);
  const refused = error && explain(i18n, error.code, error.parameters);
  const request = String(waiting.error.parameters.request ?? "");
  const isAllowed = useView((view) => view.approval?.request === request && view.approval.approved_by !== null);
  const isSent = useRef(false);

  const go = useCallback(async (): Promise<void> => {
    if (isSent.current) return;
    isSent.current = true;
    const outcome = await gateway.send(waiting.name, waiting.args, { approval: request });
    if (outcome.ok) acts.close();
    // Refused for another reason: the strip says so, and this approval is not to be used for anything else.
    else if (outcome.error.code !== "USR-250") acts.giveUpApproval();
  }, [acts, gateway, request, waiting]);

  useEffect(() => {
    if (isAllowed) void go();
  }, [isAllowed, go]);

  async function approve(): Promise<void> {
    const answer = await gateway.approve(pin, request);
    setPin("");
    if (answer.ok) await go();
    else setError(answer.error);
  }

  return (
    <Panel
      isTight
      title={i18n._({ id: "approval.title", message: "Needs approval" })}
      aside={words.code}
      onSubmit={() => void (pin.length > 0 && approve())}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={pin === ""}>
          {i18n._({ id: "approval.approve", message: "Approve" })}
        </Button>
      }
    >
      <p className={css.what}>{words.what}</p>
      <About i18n={i18n} facts={waiting.error.parameters} />
      <p className={css.hint}>
        {words.kept} {words.do}
      </p>
      <TextField
        big
        type="password"
        inputMode="numeric"
        label={i18n._({ id: "approval.pin", message: "PIN of that person" })}
        value={pin}
        error={refused && `${refused.what} ${refused.do}`}
        onChange={(event) => setPin(event.target.value)}
        data-main-field
      />
      <Keypad onChange={setPin} />
    </Panel>
  );
}

/** Of what, how much and why, for whoever is to allow it. */
function About({ i18n, facts }: { i18n: I18n; facts: ErrorBody["parameters"] }) {
  const { item, amount, reason } = facts;
  if (item === undefined && amount === undefined && reason === undefined) return null;
  const reasonId = `reason.${reason}`;
  return (
    <dl className={css.facts}>
      {(item !== undefined || amount !== undefined) && (
        <>
          <dt>{item ?? i18n._({ id: "approval.sum", message: "Sum" })}</dt>
          <dd>{amount}</dd>
        </>
      )}
      {reason !== undefined && (
        <>
          <dt>{i18n._({ id: "reason.label", message: "Reason" })}</dt>
          <dd>{reasonId in i18n.messages ? i18n._(reasonId) : reason}</dd>
        </>
      )}
    </dl>
  );
}
