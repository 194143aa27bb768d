/** What was given so far. A card on a stand-alone terminal waits until the cashier says what the terminal answered. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { StateMark } from "../../../kit/StateMark";
import type { State } from "../../../kit/tokens";
import { useSurrounding } from "../context";
import type { CardOutcome, Tender } from "../protocol";
import { useSingleKeys } from "../singleKeys";
import { useFormNames } from "../useFormNames";
import css from "./TenderRows.module.css";

const marks: Record<Tender["state"], State> = {
  accepted: "ok",
  waiting: "info",
  reversing: "info",
  declined: "stopped",
  unknown: "unknown",
  taken_back: "offline",
};

/** The cashier is being asked, or nobody knows: nothing else goes on before that is settled. */
export const isOpenQuestion = ({ state }: Tender): boolean => state === "waiting" || state === "reversing" || state === "unknown";

export function TenderRows({ tenders, isBlocked }: { tenders: Tender[]; isBlocked: boolean }) {
  const { gateway } = useSurrounding();
  const { i18n } = useLingui();
  const names = useFormNames();
  const shown = tenders.filter((tender) => tender.state !== "taken_back");
  const asked = tenders.find((tender) => tender.state === "waiting" || tender.state === "reversing");
  if (shown.length === 0) return null;
  return (
    <>
      <ul className={css.rows}>
        {shown.map((tender) => (
          <li key={tender.id} data-state={tender.state}>
            <StateMark state={marks[tender.state]} />
            <span className={css.form}>
              {names[tender.form]} <StateWord tender={tender} />
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
      {asked && <CardQuestion key={asked.id + asked.state} tender={asked} isBlocked={isBlocked} />}
    </>
  );
}

/** Cash that is there needs no word. */
function StateWord({ tender }: { tender: Tender }) {
  const { i18n } = useLingui();
  if (tender.form === "cash" && tender.state === "accepted") return null;
  const words: Record<Tender["state"], string> = {
    accepted: i18n._({ id: "tender.accepted", message: "approved" }),
    waiting: i18n._({ id: "tender.waiting", message: "waiting" }),
    reversing: i18n._({ id: "tender.reversing", message: "being given back" }),
    declined: i18n._({ id: "tender.declined", message: "declined" }),
    unknown: i18n._({ id: "tender.unknown", message: "outcome not known" }),
    taken_back: "",
  };
  return <span className={css.state}>{words[tender.state]}</span>;
}

/** Enter does nothing here: an answer for the terminal is given on purpose. */
function CardQuestion({ tender, isBlocked }: { tender: Tender; isBlocked: boolean }) {
  const { i18n } = useLingui();
  const { gateway } = useSurrounding();
  const isReversal = tender.state === "reversing";
  const [yes, no]: CardOutcome[] = isReversal ? ["reversed", "not_reversed"] : ["approved", "declined"];
  const answer = (outcome: CardOutcome) => void gateway.send("confirm_card", { tender_id: tender.id, outcome });
  useSingleKeys({ y: () => answer(yes!), n: () => answer(no!) });
  return (
    <section className={css.question} aria-label={i18n._({ id: "card.title", message: "Card terminal" })}>
      <p className={css.ask}>
        {isReversal
          ? i18n._({ id: "card.ask-back", message: "Give {sum} back on the card terminal. What does it answer?", values: { sum: tender.amount_text } })
          : i18n._({ id: "card.ask", message: "Enter {sum} on the card terminal. What does it answer?", values: { sum: tender.amount_text } })}
      </p>
      <div className={css.answers}>
        <Button size="pay" hint="N" disabled={isBlocked} onClick={() => answer(no!)}>
          {isReversal ? i18n._({ id: "card.not-reversed", message: "Not given back" }) : i18n._({ id: "card.declined", message: "Declined" })}
        </Button>
        <Button size="pay" look="primary" hint="Y" disabled={isBlocked} onClick={() => answer(yes!)}>
          {isReversal ? i18n._({ id: "card.reversed", message: "Given back" }) : i18n._({ id: "card.approved", message: "Approved" })}
        </Button>
      </div>
      {!isReversal && (
        <Button look="quiet" disabled={isBlocked} onClick={() => answer("unknown")}>
          {i18n._({ id: "card.unknown", message: "It does not say" })}
        </Button>
      )}
    </section>
  );
}
