/** Which screen is due; and the page's ears: scanners that type, keys, sounds. */
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { useSurrounding } from "./context";
import { OpenShift } from "./screens/OpenShift";
import { SignIn } from "./screens/SignIn";
import { TillScreen } from "./screens/TillScreen";
import css from "./screens/cards.module.css";
import { useTill } from "./till";
import { useIdleLock } from "./useIdleLock";
import { useKeyboard } from "./useKeyboard";
import { useReactions } from "./useReactions";

export function App() {
  const isSignedOut = useTill((state) => state.session === null || state.isLocked);
  const hasSession = useTill((state) => Boolean(state.session));
  const hasShift = useTill((state) => (state.view ? state.view.shift.state !== "closed" : null));
  useScans(!isSignedOut);
  useKeyboard();
  useReactions();
  useIdleLock();
  if (isSignedOut) return <SignIn />;
  if (!hasSession || hasShift === null) return <Starting />;
  return hasShift ? <TillScreen /> : <OpenShift />;
}

/** Scans go to the gateway; while nobody is signed in they are the sign-in card's. */
function useScans(isSignedIn: boolean): void {
  const { acts, onScan } = useSurrounding();
  useEffect(() => (isSignedIn ? onScan((raw) => acts.scan(raw, "keyboard")) : undefined), [acts, onScan, isSignedIn]);
}

/** Nothing for the first moment; then what is being waited for. */
function Starting() {
  const { i18n } = useLingui();
  const isLost = useTill((state) => state.link === "lost");
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className={css.screen}>
      <h1 className="visually-hidden">{i18n._({ id: "till.title", message: "Till" })}</h1>
      {isLate && (
        <p className={css.waiting} role="status">
          {isLost
            ? i18n._({ id: "start.silent", message: "The gateway does not answer yet. This page goes on by itself as soon as it does. NET-302" })
            : i18n._({ id: "start.opening", message: "Opening the till" })}
        </p>
      )}
    </main>
  );
}
