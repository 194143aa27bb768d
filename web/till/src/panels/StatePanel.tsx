/** How the till stands: link, devices, what waits, what works without a link. */
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import { StateMark } from "../../../kit/StateMark";
import { explain } from "../../../kit/codes";
import type { State } from "../../../kit/tokens";
import { deviceWord } from "../deviceWords";
import { Panel } from "../parts/Panel";
import { useTill, useView } from "../till";
import { useMinutesSince } from "../useSince";
import css from "./panels.module.css";

export function StatePanel() {
  const { i18n } = useLingui();
  const gateway = useTill((state) => state.link);
  const link = useView((view) => view.link);
  const printer = useView((view) => view.printer);
  const register = useView((view) => view.register);
  const minutes = useMinutesSince(link.since);
  return (
    <Panel title={i18n._({ id: "more.state", message: "How this till stands" })}>
      <dl className={css.facts}>
        <Fact name={i18n._({ id: "state.gateway", message: "Gateway" })} state={gateway === "open" ? "ok" : "stopped"}>
          {gateway === "open" ? i18n._({ id: "state.answers", message: "answers" }) : i18n._({ id: "state.silent", message: "does not answer" })}
        </Fact>
        <Fact name={i18n._({ id: "state.link", message: "Head office" })} state={link.online ? "ok" : "offline"}>
          {link.online
            ? i18n._({ id: "bar.online", message: "Online" })
            : i18n._({ id: "bar.offline", message: "Offline {minutes} min", values: { minutes } })}
        </Fact>
        {printer && (
          <Fact name={i18n._({ id: "bar.printer", message: "Printer" })} state={printer.state} code={printer.code}>
            {deviceWord(i18n, printer.state)}
          </Fact>
        )}
        {register && (
          <Fact name={i18n._({ id: "bar.register", message: "Register" })} state={register.state} code={register.code}>
            {register.last_document
              ? i18n._({ id: "state.document", message: "{state}, document {number}", values: { state: deviceWord(i18n, register.state), number: register.last_document } })
              : deviceWord(i18n, register.state)}
          </Fact>
        )}
        <dt>{i18n._({ id: "state.to-send", message: "Waiting to be sent" })}</dt>
        <dd>{link.to_send}</dd>
      </dl>
      {!link.online && (
        <p className={css.hint}>
          {i18n._({ id: "state.offline-works", message: "Selling, returns of sales known here, shifts and reports all work. Everything is sent by itself when the link is back." })}
        </p>
      )}
    </Panel>
  );
}

function Fact({ name, state, code, children }: { name: string; state: State; code?: string | undefined; children: ReactNode }) {
  const { i18n } = useLingui();
  const words = code ? explain(i18n, code) : null;
  return (
    <>
      <dt>{name}</dt>
      <dd className={css.fact}>
        <StateMark state={state} />
        <span>{children}</span>
      </dd>
      {words && (
        <dd className={css.wide}>
          {words.what} {words.do} ({words.code})
        </dd>
      )}
    </>
  );
}
