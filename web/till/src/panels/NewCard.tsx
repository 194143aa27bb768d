/** A new customer card: phone, name, consent. What was typed into the search stands in its field already; works without head office. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Button } from "../../../kit/Button";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import type { ErrorBody } from "../protocol";
import css from "./panels.module.css";

interface NewCardProps {
  /** From the search: digits are a phone, anything else the beginning of a name. */
  typed: string;
  onBack: () => void;
  onChoose: (customerId: string) => void;
}

const looksLikePhone = (text: string) => /^[\d+() ./-]{3,}$/.test(text);

export function NewCard({ typed, onBack, onChoose }: NewCardProps) {
  const { i18n } = useLingui();
  const { acts, gateway } = useSurrounding();
  const [phone, setPhone] = useState(looksLikePhone(typed) ? typed : "");
  const [name, setName] = useState(looksLikePhone(typed) ? "" : typed);
  const [consent, setConsent] = useState(false);
  const [error, setError] = useState<ErrorBody | null>(null);
  const words = error && explain(i18n, error.code, error.parameters);
  const existing = error?.code === "CUS-411" ? error.parameters.customer_id : undefined;
  const isFilled = phone.trim() !== "" && name.trim() !== "";

  async function save(): Promise<void> {
    if (!isFilled) return;
    const card = { phone: phone.trim(), name: name.trim(), consent, language: i18n.locale };
    const outcome = await gateway.send("enrol_customer", card, { quiet: true });
    if (outcome.ok) acts.close();
    else setError(outcome.error);
  }

  return (
    <Panel
      title={i18n._({ id: "customer.new", message: "New card" })}
      onBack={onBack}
      onSubmit={() => void save()}
      footer={
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={!isFilled}>
          {i18n._({ id: "customer.save", message: "Save and attach" })}
        </Button>
      }
    >
      <TextField
        label={i18n._({ id: "customer.phone", message: "Phone" })}
        inputMode="tel"
        required
        withAsterisk={false}
        value={phone}
        onChange={(event) => setPhone(event.target.value)}
        data-first={phone === "" || undefined}
      />
      <TextField
        label={i18n._({ id: "customer.name", message: "Name" })}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.target.value)}
        data-first={phone !== "" || undefined}
        data-main-field
      />
      <label className={css.check}>
        <input type="checkbox" checked={consent} onChange={(event) => setConsent(event.target.checked)} />
        <span>
          {i18n._({ id: "customer.consent", message: "The customer agrees to be written to about purchases and offers, and can take that back at any time." })}
        </span>
      </label>
      {words && (
        <div className={css.problem} role="alert">
          <p>
            {words.what} {words.do} ({words.code})
          </p>
          {existing !== undefined && (
            <Button onClick={() => onChoose(String(existing))}>
              {i18n._({ id: "customer.existing", message: "Choose {name}", values: { name: error!.parameters.name ?? "" } })}
            </Button>
          )}
        </div>
      )}
    </Panel>
  );
}
