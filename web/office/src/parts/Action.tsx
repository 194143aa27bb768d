/** Head office's button: 40 px with a mouse, 44 by touch; primary, plain, quiet or stop. */
import type { ComponentProps } from "react";
import css from "./Action.module.css";

interface ActionProps extends ComponentProps<"button"> {
  look?: "primary" | "plain" | "quiet" | "stop";
}

export function Action({ look = "plain", className, ...rest }: ActionProps) {
  return <button type="button" className={[css.action, className].filter(Boolean).join(" ")} data-look={look} {...rest} />;
}

/** For links that look like it. */
export const actionClass = css.action!;
