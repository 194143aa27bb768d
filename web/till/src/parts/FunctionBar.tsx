/** The function keys as buttons; below 905 px they live in a sheet that "Keys" opens. */
import { useLingui } from "@lingui/react";
import { memo, useState } from "react";
import { Button } from "../../../kit/Button";
import { Icon, type IconName } from "../../../kit/Icon";
import { canTakeLines } from "../basket";
import { useSurrounding } from "../context";
import { useView } from "../till";
import { missingRight } from "../rights";
import { type PanelName, useUi } from "../ui";
import css from "./FunctionBar.module.css";

interface Entry {
  panel: PanelName;
  key: string;
  icon: IconName;
  text: string;
}

export const FunctionBar = memo(function FunctionBar() {
  const { i18n } = useLingui();
  const { acts } = useSurrounding();
  const open = useView(canTakeLines);
  const mine = useView((view) => view.lease.mine);
  const operator = useView((view) => view.operator);
  const parked = useView((view) => view.parked.length);
  const panel = useUi((state) => state.panel);
  const [isSheet, setSheet] = useState(false);

  const entries: Entry[] = [
    { panel: "find", key: "F2", icon: "find", text: i18n._({ id: "keys.find", message: "Find" }) },
    { panel: "customer", key: "F3", icon: "customer", text: i18n._({ id: "keys.customer", message: "Customer" }) },
    { panel: "discount", key: "F4", icon: "discount", text: i18n._({ id: "keys.discount", message: "Discount" }) },
    { panel: "park", key: "F7", icon: "park", text: i18n._({ id: "keys.park", message: "Park" }) },
    { panel: "return", key: "F8", icon: "back", text: i18n._({ id: "keys.return", message: "Return" }) },
    { panel: "drawer", key: "F9", icon: "drawer", text: i18n._({ id: "keys.drawer", message: "Drawer" }) },
    { panel: "more", key: "F10", icon: "more", text: i18n._({ id: "keys.more", message: "More" }) },
  ];

  function choose(entry: Entry): void {
    setSheet(false);
    acts.open(entry.panel);
  }

  return (
    <nav className={css.nav} aria-label={i18n._({ id: "keys.label", message: "Functions" })}>
      <Button
        className={css.sheetButton}
        icon={<Icon name="keys" />}
        aria-expanded={isSheet}
        onClick={() => setSheet(!isSheet)}
      >
        {i18n._({ id: "keys.sheet", message: "Keys" })}
      </Button>
      <div className={css.keys} data-open={isSheet || undefined}>
        {entries.map((entry) => (
          <Button
            key={entry.panel}
            className={css.key}
            size="pay"
            hint={entry.key}
            icon={<Icon name={missingRight(entry.panel, operator) ? "lock" : entry.icon} />}
            aria-pressed={panel === entry.panel}
            disabled={entry.panel !== "more" && (!open || !mine)}
            onClick={() => choose(entry)}
          >
            {entry.text}
            {entry.panel === "park" && parked > 0 && (
              <span className={css.count} aria-hidden="true">
                {parked}
              </span>
            )}
          </Button>
        ))}
      </div>
    </nav>
  );
});
