/** Help beside the work, the same on every page (3.2.6). */
import { useLingui } from "@lingui/react";
import { useEffect } from "react";
import { NavIcon } from "../parts/NavIcon";
import type { HelpTopic } from "../parts/help";
import css from "./HelpPanel.module.css";

export function HelpPanel({ topic, onClose }: { topic: HelpTopic | null; onClose: () => void }) {
  const { i18n } = useLingui();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") onClose();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onClose]);
  const keys: [string, string][] = [
    ["F1 ?", i18n._({ id: "help.key-help", message: "open or close this help" })],
    ["/", i18n._({ id: "help.key-search", message: "search in this list" })],
    ["Esc", i18n._({ id: "help.key-escape", message: "close what is open" })],
  ];
  return (
    <aside id="help" className={css.panel} aria-label={i18n._({ id: "frame.help", message: "Help" })}>
      <div className={css.head}>
        <h2>{topic?.title}</h2>
        <button type="button" className={css.close} onClick={onClose} aria-label={i18n._({ id: "help.close", message: "Close help" })}>
          <NavIcon name="close" />
        </button>
      </div>
      <p>{topic?.text}</p>
      <h3>{i18n._({ id: "help.keys", message: "Keys" })}</h3>
      <dl className={css.keys}>
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
