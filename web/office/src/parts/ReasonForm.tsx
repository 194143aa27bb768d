/** A reason, and what can be done for it. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Action } from "./Action";
import { Explanation } from "./Explanation";
import css from "./ReasonForm.module.css";

interface ReasonFormProps {
  acts: { label: string; look: "primary" | "stop"; act: (reason: string) => void }[];
  disabled: boolean;
  problem: Error | null;
}

export function ReasonForm({ acts, disabled, problem }: ReasonFormProps) {
  const { i18n } = useLingui();
  const [reason, setReason] = useState("");
  const why = i18n._({ id: "exceptions.reason", message: "Why it is settled" });
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "" && !disabled) acts[0]?.act(reason.trim());
      }}
    >
      <label className={css.reason}>
        <span className="visually-hidden">{why}</span>
        <input value={reason} onChange={(event) => setReason(event.target.value)} placeholder={why} maxLength={500} required />
      </label>
      {acts.map(({ label, look, act }, index) => (
        <Action key={look} type={index === 0 ? "submit" : "button"} look={look} disabled={disabled || reason.trim() === ""} onClick={index === 0 ? undefined : () => act(reason.trim())}>
          {label}
        </Action>
      ))}
      {problem && <Explanation problem={problem} />}
    </form>
  );
}
