/** What was given so far. A card on a stand-alone terminal waits until the cashier says what the terminal answered. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import type { State } from "../../../kit/tokens";
import { useSurrounding } from "../context";
import type { Tender } from "../protocol";
import { useSingleKeys } from "../singleKeys";
import { useFormNames } from "../useFormNames";
import css from "./TenderRows.module.css";

const marks: Record<Tender["state"], State> = { accepted: "ok", waiting: "info", declined: "stopped", unknown: "unknown" };

export function TenderRows({ tenders, isBlocked }: { tenders: Tender[]; isBlocked: boolean }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const names = useFormNames();
  if (tenders.length === 0) return null;
  const waiting = tenders.find((tender) => tender.state === "waiting");
  return (
    <>
      <ul className={css.rows}>
        {tenders.map((tender) => (
          <li key={tender.id}>
            <StateMark state={marks[tender.state]} />
            <span className={css.form}>
              {names[tender.form]} <span className={css.state}>{stateWord(tender)}</span>
            </span>
            <span className={css.sum}>−{tender.amount_text}</span>
            {tender.state === "accepted" && (
              <Button look="quiet" disabled={isBlocked} onClick={() => void gateway.send("take_back", { tender_id: tender.id })}>
                {i18n._({ id: "tender.take-back", message: "take back" })}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {waiting && <CardQuestion tender={waiting} isBlocked={isBlocked} />}
    </>
  );

  function stateWord(tender: Tender): string {
    if (tender.form === "cash") return "";
    return {
      accepted: i18n._({ id: "tender.accepted", message: "approved" }),
      waiting: i18n._({ id: "tender.waiting", message: "waiting" }),
      declined: i18n._({ id: "tender.declined", message: "declined" }),
      unknown: i18n._({ id: "tender.unknown", message: "outcome not known" }),
    }[tender.state];
  }
}

/** Enter does nothing here: an answer for the terminal is given on purpose. */
function CardQuestion({ tender, isBlocked }: { tender: Tender; isBlocked: boolean }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const answer = (outcome: "approved" | "declined") => void gateway.send("confirm_card", { tender_id: tender.id, outcome });
  useSingleKeys({ y: () => answer("approved"), n: () => answer("declined") });
  return (
    <section className={css.question} aria-label={i18n._({ id: "card.title", message: "Card terminal" })}>
      <p className={css.ask}>
        {i18n._({ id: "card.ask", message: "Enter {sum} on the card terminal. What does it answer?", values: { sum: tender.amount_text } })}
      </p>
      <div className={css.answers}>
        <Button size="pay" hint="N" disabled={isBlocked} onClick={() => answer("declined")}>
          {i18n._({ id: "card.declined", message: "Declined" })}
        </Button>
        <Button size="pay" look="primary" hint="Y" disabled={isBlocked} onClick={() => answer("approved")}>
          {i18n._({ id: "card.approved", message: "Approved" })}
        </Button>
      </div>
    </section>
  );
}
