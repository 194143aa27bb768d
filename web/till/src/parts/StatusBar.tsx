/** Where we are, who works, and how link, printer and register stand: shape and word, one tap to the whole story. */
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { Button } from "../../../kit/Button";
import { Icon } from "../../../kit/Icon";
import { StateMark } from "../../../kit/StateMark";
import type { State } from "../../../kit/tokens";
import { useSurrounding } from "../context";
import type { Device } from "../protocol";
import { useTill, useView } from "../till";
import { useMinutesSince } from "../useSince";
import { deviceWord } from "../deviceWords";
import css from "./StatusBar.module.css";

export const StatusBar = memo(function StatusBar() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const place = useView((view) => view.till);
  const operator = useView((view) => view.operator);
  const shift = useView((view) => view.shift);
  const printer = useView((view) => view.printer);
  const register = useView((view) => view.register);
  return (
    <header className={css.bar}>
      <div className={css.where}>
        <strong className={css.place}>
          {place.branch} / {place.name}
        </strong>
        <span>{operator?.name}</span>
        {shift.number && <span>{i18n._({ id: "bar.shift", message: "Shift {number}", values: { number: shift.number } })}</span>}
      </div>
      <div className={css.chips}>
        <LinkChip />
        {printer && <DeviceChip name={i18n._({ id: "bar.printer", message: "Printer" })} device={printer} />}
        {register && <DeviceChip name={i18n._({ id: "bar.register", message: "Register" })} device={register} />}
        <ToSend />
      </div>
      <Button className={css.help} look="quiet" hint="F1" icon={<Icon name="help" />} onClick={() => acts.help()}>
        {i18n._({ id: "bar.help", message: "Help" })}
      </Button>
    </header>
  );
});

function Chip({ state, text, hidden }: { state: State; text: string; hidden?: string }) {
  const { acts } = useSurrounding();
  return (
    <button type="button" className={css.chip} data-state={state} onClick={() => acts.open("state")}>
      <StateMark state={state} />
      <span className={css.word}>{text}</span>
      {hidden && <span className="visually-hidden"> {hidden}</span>}
    </button>
  );
}

function LinkChip() {
  const { i18n } = useLingui();
  const gateway = useTill((state) => state.link);
  const link = useView((view) => view.link);
  const minutes = useMinutesSince(link.since);
  if (gateway === "lost") return <Chip state="stopped" text={i18n._({ id: "bar.no-gateway", message: "No gateway" })} />;
  if (link.online) return <Chip state="ok" text={i18n._({ id: "bar.online", message: "Online" })} />;
  return (
    <Chip
      state="offline"
      text={i18n._({ id: "bar.offline", message: "Offline {minutes} min", values: { minutes } })}
    />
  );
}

function DeviceChip({ name, device }: { name: string; device: Device }) {
  const { i18n } = useLingui();
  const word = deviceWord(i18n, device.state);
  // Well: the tick says it, the word is for those who hear the page. Not well: the word stands there.
  if (device.state === "ok") return <Chip state="ok" text={name} hidden={word} />;
  return <Chip state={device.state} text={`${name}: ${word}`} />;
}

function ToSend() {
  const { i18n } = useLingui();
  const count = useView((view) => view.link.to_send);
  return <span className={css.send}>{i18n._({ id: "bar.to-send", message: "To send {count}", values: { count } })}</span>;
}
