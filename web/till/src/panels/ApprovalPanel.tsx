/** A second person lets one act happen. Only that act waits: scanning goes on beside it. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import { Panel } from "../parts/Panel";
import type { ErrorBody } from "../protocol";
import { type WaitingForApproval, till } from "../till";
import css from "./panels.module.css";

export function ApprovalPanel({ waiting }: { waiting: WaitingForApproval }) {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<ErrorBody | null>(null);
  const words = explain(i18n, waiting.error.code, waiting.error.parameters);
  const refused = error && explain(i18n, error.code, error.parameters);

  async function approve(): Promise<void> {
    const answer = await gateway.approve(pin, String(waiting.error.parameters.right ?? ""));
    setPin("");
    if (!answer.ok) {
      setError(answer.error);
      return;
    }
    till.set({ approvalFor: null });
    const outcome = await gateway.send(waiting.name, waiting.args, { approval: answer.result.approval });
    if (outcome.ok) acts.close();
  }

  return (
    <Panel
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
