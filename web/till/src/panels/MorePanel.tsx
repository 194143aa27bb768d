/** Everything the till can do, with its key (F10), and how this screen looks and speaks. */
import { useLingui } from "@lingui/react";
import { Button } from "../../../kit/Button";
import { Icon, type IconName } from "../../../kit/Icon";
import { ScreenSettings } from "../../../kit/ScreenSettings";
import { canTakeLines, useBasket } from "../basket";
import { useSurrounding } from "../context";
import { Panel } from "../parts/Panel";
import { useView } from "../till";
import type { PanelName } from "../ui";
import { missingRight } from "../rights";
import css from "./panels.module.css";

export function MorePanel() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const open = useView(canTakeLines);
  const mine = useView((view) => view.lease.mine);
  const hasLines = useBasket(({ state, line_count }) => state === "open" && line_count > 0);
  const operator = useView((view) => view.operator);
  const hasReceipt = useView((view) => view.receipt !== null);
  const functions: { panel: PanelName; icon: IconName; text: string; hint?: string; can: boolean }[] = [
    { panel: "price-check", icon: "price", text: i18n._({ id: "more.check", message: "Price check" }), hint: "Shift+F2", can: open && mine },
    { panel: "cancel-sale", icon: "cancel", text: i18n._({ id: "cancel.title", message: "Cancel sale" }), can: hasLines && mine },
    { panel: "receipt", icon: "print", text: i18n._({ id: "more.receipt", message: "Last receipt" }), can: hasReceipt },
    { panel: "x-report", icon: "report", text: i18n._({ id: "more.x", message: "X report" }), can: mine },
    { panel: "close-shift", icon: "shift", text: i18n._({ id: "more.close", message: "Close shift" }), can: open && mine },
    { panel: "state", icon: "settings", text: i18n._({ id: "more.state", message: "How this till stands" }), can: true },
  ];
  return (
    <Panel title={i18n._({ id: "more.title", message: "All functions" })}>
      <ul className={css.list}>
        {functions.map((entry, index) => (
          <li key={entry.panel}>
            <Button data-first={index === 0 || undefined} hint={entry.hint} icon={<Icon name={missingRight(entry.panel, operator) ? "lock" : entry.icon} />} disabled={!entry.can} onClick={() => acts.open(entry.panel)}>
              {entry.text}
            </Button>
          </li>
        ))}
        <li>
          <Button hint="Ctrl+L" icon={<Icon name="lock" />} onClick={() => acts.lock()}>
            {i18n._({ id: "more.lock", message: "Lock" })}
          </Button>
        </li>
      </ul>
      <ScreenSettings onLanguage={(language) => void acts.speak(language)} />
    </Panel>
  );
}
