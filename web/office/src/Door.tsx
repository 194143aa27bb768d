/** In or out: asks once who is signed in, shows the form or the shell, and comes back to the form when the session is over. */
import { useLingui } from "@lingui/react";
import { Suspense, lazy, useCallback, useEffect, useMemo, useState } from "react";
import { type Api, Problem } from "./api/client";
import type { Me } from "./api/types";
import { SignIn } from "./session/SignIn";
import { SurroundingContext } from "./surrounding";

const fetchShell = () => import("./shell/Shell");
const Shell = lazy(fetchShell);

type Presence =
  | { is: "asking" }
  | { is: "out"; why: Problem | null }
  | { is: "in"; me: Me };

export function Door({ api }: { api: Api }) {
  const [presence, setPresence] = useState<Presence>({ is: "asking" });

  useEffect(() => {
    let isCurrent = true;
    api
      .ask<Me>("/session")
      .then((me) => isCurrent && setPresence({ is: "in", me }))
      .catch((error: unknown) => {
        if (!isCurrent) return;
        const isExpected = error instanceof Problem && error.code === "USR-210";
        setPresence({ is: "out", why: error instanceof Problem && !isExpected ? error : null });
      });
    return () => {
      isCurrent = false;
    };
  }, [api]);

  useEffect(
    () => api.whenSignedOut(() => setPresence((now) => (now.is === "in" ? { is: "out", why: new Problem(401, "USR-210") } : now))),
    [api],
  );

  const signOut = useCallback(async () => {
    await api.ask("/session", { method: "DELETE" }).catch(() => undefined);
    setPresence({ is: "out", why: null });
  }, [api]);
  const me = presence.is === "in" ? presence.me : null;
  const surrounding = useMemo(() => me && { api, me, signOut }, [api, me, signOut]);

  if (presence.is === "asking") return <Opening />;
  if (surrounding === null) {
    const why = presence.is === "out" ? presence.why : null;
    return <SignIn api={api} why={why} prepare={() => void fetchShell()} onSignedIn={(someone) => setPresence({ is: "in", me: someone })} />;
  }
  return (
    <SurroundingContext value={surrounding}>
      <Suspense fallback={<Opening />}>
        <Shell />
      </Suspense>
    </SurroundingContext>
  );
}

/** Nothing for the first moment; then what is being waited for. */
function Opening() {
  const { i18n } = useLingui();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 2_000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main>
      <h1 className="visually-hidden">{i18n._({ id: "office.title", message: "Head office" })}</h1>
      <p role="status">{isLate && i18n._({ id: "office.opening", message: "Opening head office" })}</p>
    </main>
  );
}
