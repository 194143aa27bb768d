/** Who works: six digits, or a badge under the scanner. The sale of whoever was here before stays as it is. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../../../kit/Button";
import { ScreenSettings } from "../../../kit/ScreenSettings";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import type { ErrorBody } from "../protocol";
import css from "./cards.module.css";

/** A PIN, or the end of one, typed by a machine or a quick hand looks like a scan; so few digits are never a badge. */
const pinPattern = /^\d{1,6}$/;

export function SignIn() {
  const { i18n } = useLingui();
  const { acts, gateway, onScan } = useSurrounding();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<ErrorBody | null>(null);
  const [isAsking, setAsking] = useState(false);
  const words = error && explain(i18n, error.code, error.parameters);

  useEffect(
    () =>
      onScan((raw) => {
        const credential = pinPattern.test(raw) ? { pin: pin + raw } : { badge: raw };
        void gateway.login(credential).then((refused) => {
          setPin("");
          setError(refused);
        });
      }),
    [gateway, onScan, pin],
  );

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (pin === "" || isAsking) return;
    setAsking(true);
    const refused = await gateway.login({ pin });
    setAsking(false);
    setPin("");
    setError(refused);
  }

  return (
    <main className={css.screen} data-column>
      <form className={css.card} onSubmit={(event) => void submit(event)} noValidate>
        <h1>{i18n._({ id: "signin.title", message: "Sign in to the till" })}</h1>
        <p className={css.hint}>{i18n._({ id: "signin.how", message: "Scan your badge, or type your PIN." })}</p>
        <TextField
          big
          type="password"
          inputMode="numeric"
          autoFocus
          autoComplete="off"
          maxLength={12}
          label={i18n._({ id: "signin.pin", message: "PIN" })}
          value={pin}
          onChange={(event) => setPin(event.target.value)}
          data-main-field
        />
        {words && (
          <p className={css.problem} role="alert">
            {words.what} {words.kept} {words.do} ({words.code})
          </p>
        )}
        <Keypad onChange={setPin} />
        <Button type="submit" look="primary" size="pay" hint="Enter" disabled={pin === "" || isAsking}>
          {i18n._({ id: "signin.submit", message: "Sign in" })}
        </Button>
      </form>
      <div className={css.settings}>
        <ScreenSettings onLanguage={(language) => void acts.speak(language)} />
      </div>
    </main>
  );
}
