/** Help beside the work, the same on every screen, without a link: what this is for, its keys, and any code in words. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { explain } from "../../../kit/codes";
import { TextField } from "../../../kit/fields";
import { Panel } from "../parts/Panel";
import { useView } from "../till";
import { type UiState, useUi } from "../ui";
import { useKeyTable } from "../useKeyTable";
import css from "./panels.module.css";

const wholeCode = /^[A-Z]{3}-\d{3}$/;

export function HelpPanel({ code }: { code: string }) {
  const { i18n } = useLingui();
  const [asked, setAsked] = useState(code);
  const keys = useKeyTable();
  const about = useTopic();
  const wanted = asked.trim().toUpperCase();
  const words = wholeCode.test(wanted) ? explain(i18n, wanted) : null;
  return (
    <Panel title={i18n._({ id: "bar.help", message: "Help" })}>
      <p>{about}</p>
      <TextField
        label={i18n._({ id: "help.code", message: "Code, such as FIS-502" })}
        value={asked}
        onChange={(event) => setAsked(event.target.value)}
      />
      {words && (
        <section className={css.block} aria-live="polite">
          <p className={css.what}>{words.what}</p>
          <p>{words.kept}</p>
          <p>{words.do}</p>
        </section>
      )}
      <h3>{i18n._({ id: "help.keys", message: "Keys on this screen" })}</h3>
      <dl className={css.keys}>
        {keys.map(([key, does]) => (
          <div key={key} className={css.pair}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** What this screen is for, by what is open. */
function useTopic(): string {
  const { i18n } = useLingui();
  const panel = useUi((state) => state.panel);
  const basket = useView((view) => view.basket.state);
  const hasShift = useView((view) => view.shift.state !== "closed");
  const topics: Partial<Record<NonNullable<UiState["panel"]>, string>> = {
    find: i18n._({ id: "help.find", message: "Type any part of a name, a code or an article. Up and Down choose, Enter adds it to the sale." }),
    customer: i18n._({ id: "help.customer", message: "Find a customer by phone digits, name or card. The sale goes on without one as well." }),
    discount: i18n._({ id: "help.discount", message: "Give the chosen line another price and say why. It may need a second person's PIN." }),
    park: i18n._({ id: "help.park", message: "Set a sale aside under a name and serve the next customer. Bring it back from the same list." }),
    return: i18n._({ id: "help.return", message: "Scan the receipt, mark what comes back and in which state. The money goes back by the forms it came by." }),
    drawer: i18n._({ id: "help.drawer", message: "Put cash in or take it out without a sale, or open the drawer. Each is noted with its reason." }),
    "close-shift": i18n._({ id: "help.close", message: "Count the cash first and submit it once. Only then the till shows what it expected, and prints the Z report." }),
  };
  if (!hasShift) return i18n._({ id: "open.how", message: "Count the cash in the drawer: this is the float." });
  const topic = panel === null ? undefined : topics[panel];
  if (topic) return topic;
  if (basket === "open") {
    return i18n._({ id: "help.sell", message: "Scan the goods one by one. Each good beep is saved already. Then press PAY, say how the customer pays, and TAKE." });
  }
  return i18n._({ id: "help.pay", message: "Choose the form with 1 to 3, type the sum or press Enter for all that is left. TAKE completes the sale and prints the receipt." });
}
