/** An address of no page. */
import { useLingui } from "@lingui/react";
import { Link } from "@tanstack/react-router";
import { Page } from "../parts/Page";

export function Lost() {
  const { i18n } = useLingui();
  return (
    <Page
      title={i18n._({ id: "lost.title", message: "There is no such page" })}
      help={i18n._({ id: "lost.help", message: "The address leads nowhere. It may have been mistyped, or the record may have been taken away." })}
    >
      <p>
        <Link to="/">{i18n._({ id: "lost.home", message: "Go to Home" })}</Link>
      </p>
    </Page>
  );
}
