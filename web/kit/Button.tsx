/** The button of all our screens: verb, key hint, the sizes of UX §2. The hint is for the eye; the name is the verb alone. */
import { UnstyledButton } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";
import css from "./Button.module.css";

export interface ButtonProps extends Omit<ComponentProps<"button">, "size" | "style"> {
  /** One primary on a screen. */
  look?: "primary" | "plain" | "quiet" | "stop";
  /** till: 48 px, pay: 64 px. */
  size?: "till" | "pay";
  /** The key that does the same, as printed on it. */
  hint?: string | undefined;
  icon?: ReactNode;
}

/** As `aria-keyshortcuts` wants it. */
const spokenKey = (hint: string) => hint.replace("Ctrl", "Control").replace("Del", "Delete").replace("Esc", "Escape");

export function Button({ look = "plain", size = "till", hint, icon, className, children, ...rest }: ButtonProps) {
  return (
    <UnstyledButton
      type="button"
      className={[css.button, className].filter(Boolean).join(" ")}
      data-look={look}
      data-size={size}
      aria-keyshortcuts={hint && spokenKey(hint)}
      {...rest}
    >
      {icon && (
        <span className={css.icon} aria-hidden="true">
          {icon}
        </span>
      )}
      <span className={css.label}>{children}</span>
      {hint && (
        <span className={css.hint} data-hint aria-hidden="true">
          {hint}
        </span>
      )}
    </UnstyledButton>
  );
}
