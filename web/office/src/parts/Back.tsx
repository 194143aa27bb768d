/** The way back to a list, as it was left: filters and place are in the address behind. */
import { useLingui } from "@lingui/react";
import { Link, useCanGoBack, useRouter } from "@tanstack/react-router";
import { Action, actionClass } from "./Action";
import { NavIcon } from "./NavIcon";

export function Back({ to, label }: { to: string; label: string }) {
  const { i18n } = useLingui();
  const router = useRouter();
  const canGoBack = useCanGoBack();
  const name = i18n._({ id: "action.back", message: "Back to {list}", values: { list: label } });
  if (!canGoBack) {
    return (
      <Link to={to} className={actionClass} data-look="quiet" aria-label={name}>
        <NavIcon name="back" />
      </Link>
    );
  }
  return (
    <Action look="quiet" onClick={() => router.history.back()} aria-label={name}>
      <NavIcon name="back" />
    </Action>
  );
}
