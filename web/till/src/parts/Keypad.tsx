/** Digits for fingers: 64 px keys that never take the focus from the field they type into. */
import { useLingui } from "@lingui/react";
import { memo } from "react";
import { Button } from "../../../kit/Button";
import { Icon } from "../../../kit/Icon";
import css from "./Keypad.module.css";

const rows = ["7", "8", "9", "4", "5", "6", "1", "2", "3"];

interface KeypadProps {
  /** The text with the key's effect on it. */
  onChange: (edit: (text: string) => string) => void;
  /** What stands between 0 and the eraser: two zeros for whole money, a point for decimals, nothing for a PIN. */
  third?: "00" | "." | null;
}

export const Keypad = memo(function Keypad({ onChange, third = null }: KeypadProps) {
  const { i18n } = useLingui();
  const type = (characters: string) => onChange((text) => text + characters);
  return (
    <div className={css.keypad} role="group" aria-label={i18n._({ id: "keypad.label", message: "Keypad" })} onMouseDown={(event) => event.preventDefault()}>
      {rows.map((digit) => (
        <Button key={digit} size="pay" tabIndex={-1} onClick={() => type(digit)}>
          {digit}
        </Button>
      ))}
      {third === null && <span />}
      <Button size="pay" tabIndex={-1} onClick={() => type("0")}>
        0
      </Button>
      {third && (
        <Button
          size="pay"
          tabIndex={-1}
          aria-label={third === "." ? i18n._({ id: "keypad.point", message: "Decimal point" }) : third}
          onClick={() => type(third)}
        >
          {third}
        </Button>
      )}
      <Button
        size="pay"
        tabIndex={-1}
        aria-label={i18n._({ id: "keypad.erase", message: "Erase" })}
        icon={<Icon name="erase" />}
        onClick={() => onChange((text) => text.slice(0, -1))}
      />
    </div>
  );
});
