/**
 * Payment: forms, what is left, change, TAKE. Every figure comes from the gateway; this only asks for the next step.
 * Digits 1 to 3 choose the form, digits in the field are the sum, Enter takes what is left, Enter again completes the sale.
 */
import { useLingui } from "@lingui/react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../../kit/Button";
import { TextField } from "../../../kit/fields";
import { moneyKey, readMinor } from "../amounts";
import { useSurrounding } from "../context";
import { Keypad } from "../parts/Keypad";
import { Panel } from "../parts/Panel";
import { TenderRows, isOpenQuestion } from "../parts/TenderRows";
import type { Payment, TenderForm } from "../protocol";
import { useSingleKeys } from "../singleKeys";
import { till, useTill, useView } from "../till";
import { useFormNames } from "../useFormNames";
import css from "./PaymentPanel.module.css";

const forms: TenderForm[] = ["cash", "card", "transfer"];

export function PaymentPanel({ payment }: { payment: Payment }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const total = useView((view) => view.basket.total_text);
  const currency = useView((view) => view.basket.currency);
  const isCompleting = useView((view) => view.basket.state === "completing");
  const mine = useView((view) => view.lease.mine);
  const lost = useTill((state) => state.link !== "open");
  const hasPrinter = useView((view) => view.printer !== null);
  const [wantsPaper, setWantsPaper] = useState(true);
  const names = useFormNames();
  const [form, setForm] = useState<TenderForm>("cash");
  const [given, setGiven] = useState("");
  const [error, setError] = useState<string | null>(null);
  const formBox = useRef<HTMLFieldSetElement>(null);
  const givenField = useRef<HTMLInputElement>(null);
  const takeButton = useRef<HTMLButtonElement>(null);

  const isPaid = payment.left_minor <= 0;
  const isWaiting = payment.tenders.some(isOpenQuestion);
  const isBlocked = isCompleting || lost || !mine;

  useEffect(() => {
    if (isWaiting) return;
    const next = isPaid ? takeButton.current : formBox.current?.querySelector<HTMLElement>("input:checked");
    next?.focus();
  }, [isPaid, isWaiting, payment.tenders.length]);

  function choose(next: TenderForm): void {
    setForm(next);
    givenField.current?.focus();
  }

  useSingleKeys(isPaid || isWaiting ? {} : { "1": () => choose("cash"), "2": () => choose("card"), "3": () => choose("transfer") });

  /** One tender: the typed sum, or all that is left in this form. Returns whether it stands. */
  async function tender(amount_minor: number | null): Promise<boolean> {
    setError(null);
    const outcome = await gateway.send("tender", { form, amount_minor });
    if (!outcome.ok) return false;
    setGiven("");
    return true;
  }

  async function tenderTyped(): Promise<boolean> {
    if (given.trim() === "") return tender(null);
    const minor = readMinor(given);
    if (minor === null || minor === 0) {
      setError(i18n._({ id: "amount.fix", message: "Type a sum in digits, such as 1500 or 12.50." }));
      return false;
    }
    return tender(minor);
  }

  /** TAKE with something left takes that first; what is then still open keeps the sale open. */
  async function take(): Promise<void> {
    if (isBlocked || isWaiting) return;
    if (!isPaid && !(await tenderTyped())) return;
    const now = till.get().view?.payment;
    const stillOpen = !now || now.left_minor > 0 || now.tenders.some(isOpenQuestion);
    if (!stillOpen) await gateway.send("take", wantsPaper ? {} : { receipt: "none" });
  }

  return (
    <Panel
      title={i18n._({ id: "pay.title", message: "PAY" })}
      aside={`${total} ${currency}`}
      stays={isCompleting}
      isTight
      onBack={() => void gateway.send("back_to_sale", {})}
      onSubmit={() => void (isPaid ? take() : !isBlocked && !isWaiting && tenderTyped())}
      footer={
        <>
          {hasPrinter && !isCompleting && <PaperChoice wantsPaper={wantsPaper} onChange={setWantsPaper} />}
          <Button
            ref={takeButton}
            className={css.take}
            look="primary"
            size="pay"
            hint="Enter"
            disabled={isBlocked || isWaiting}
            onClick={() => void take()}
          >
            {takeWords()}
          </Button>
        </>
      }
    >
      <TenderRows tenders={payment.tenders} isBlocked={isBlocked} />
      <Sums payment={payment} />
      {!isPaid && !isWaiting && (
        <>
          <fieldset ref={formBox} className={css.forms} disabled={isBlocked} onKeyDown={enterInForms}>
            <legend className="visually-hidden">{i18n._({ id: "pay.form", message: "Payment form" })}</legend>
            {forms.map((one, index) => (
              <label key={one} className={css.form}>
                <input type="radio" name="form" value={one} checked={form === one} onChange={() => setForm(one)} data-first={index === 0 || undefined} />
                <span aria-hidden="true" className={css.number}>
                  {index + 1}
                </span>
                {names[one]}
              </label>
            ))}
          </fieldset>
          <div className={css.given}>
            <TextField
              ref={givenField}
              big
              label={form === "cash" ? i18n._({ id: "pay.given", message: "Given" }) : i18n._({ id: "pay.sum", message: "Sum" })}
              inputMode="decimal"
              value={given}
              error={error}
              onChange={(event) => setGiven(event.target.value)}
              disabled={isBlocked}
              data-main-field
            />
          </div>
          <div className={css.pad}>
            <div className={css.keypad}>
              <Keypad onChange={setGiven} third={moneyKey(currency)} />
            </div>
            <Suggestions payment={payment} form={form} isBlocked={isBlocked} onChoose={(minor) => void tender(minor)} />
          </div>
        </>
      )}
    </Panel>
  );

  function takeWords(): string {
    if (lost) return i18n._({ id: "total.waiting", message: "Waiting for the gateway" });
    if (isCompleting) return i18n._({ id: "pay.completing", message: "Saved. Printing the receipt" });
    return i18n._({ id: "pay.take", message: "TAKE" });
  }
}

/** What the receipt printer is to do; the register prints what it must. */
function PaperChoice({ wantsPaper, onChange }: { wantsPaper: boolean; onChange: (wants: boolean) => void }) {
  const { i18n } = useLingui();
  const choices = [
    { wants: true, word: i18n._({ id: "pay.paper", message: "print" }) },
    { wants: false, word: i18n._({ id: "pay.no-paper", message: "none" }) },
  ];
  return (
    <fieldset className={css.paper}>
      <legend className="visually-hidden">{i18n._({ id: "done.receipt", message: "Receipt" })}</legend>
      <span aria-hidden="true">{i18n._({ id: "done.receipt", message: "Receipt" })}</span>
      {choices.map(({ wants, word }) => (
        <label key={word}>
          <input type="radio" name="paper" checked={wantsPaper === wants} onChange={() => onChange(wants)} />
          {word}
        </label>
      ))}
    </fieldset>
  );
}

/** Sums with one tap: the exact one first; for cash also what people are likely to hand over. */
function Suggestions(props: { payment: Payment; form: TenderForm; isBlocked: boolean; onChoose: (minor: number | null) => void }) {
  const { i18n } = useLingui();
  const { payment, form, isBlocked, onChoose } = props;
  const isCash = form === "cash";
  const exact = (isCash && payment.suggestions[0]?.text) || payment.left_text;
  return (
    <div className={css.suggestions} role="group" aria-label={i18n._({ id: "pay.suggestions", message: "Sums with one tap" })}>
      <Button size="pay" disabled={isBlocked} onClick={() => onChoose(null)}>
        {i18n._({ id: "pay.exact", message: "exact {sum}", values: { sum: exact } })}
      </Button>
      {isCash &&
        payment.suggestions.slice(1, 4).map((suggestion) => (
          <Button key={suggestion.minor} size="pay" disabled={isBlocked} onClick={() => onChoose(suggestion.minor)}>
            {suggestion.text}
          </Button>
        ))}
    </div>
  );
}

/** A browser submits from a text field only: Enter on the chosen form is asked for by name. */
function enterInForms(event: KeyboardEvent<HTMLFieldSetElement>): void {
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

function Sums({ payment }: { payment: Payment }) {
  const { i18n } = useLingui();
  const isPaid = payment.left_minor <= 0;
  const left = i18n._({ id: "pay.left", message: "LEFT TO PAY" });
  const change = i18n._({ id: "pay.change", message: "CHANGE" });
  return (
    <dl className={css.sums}>
      {!isPaid && (
        <div className={css.left}>
          <dt>{left}</dt>
          <dd>
            <output aria-label={left}>{payment.left_text}</output>
          </dd>
        </div>
      )}
      {payment.rounding_text && (
        <div className={css.rounding}>
          <dt>{i18n._({ id: "pay.rounding", message: "Cash rounding" })}</dt>
          <dd>
            {payment.rounding_text}
            {payment.left_in_cash_text && !isPaid && <> → {payment.left_in_cash_text}</>}
          </dd>
        </div>
      )}
      {isPaid && (
        <div className={css.change}>
          <dt>{change}</dt>
          <dd>
            <output aria-label={change}>{payment.change_text ?? "0"}</output>
          </dd>
        </div>
      )}
    </dl>
  );
}
