/** Login and password. Refusals are told by their code; when too many were wrong, how long to wait, counting down. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../../kit/Button";
import { ScreenSettings } from "../../../kit/ScreenSettings";
import { TextField } from "../../../kit/fields";
import { isLanguage } from "../../../kit/languages";
import { type Api, Problem } from "../api/client";
import type { Me } from "../api/types";
import { Explanation } from "../parts/Explanation";
import { Mark } from "../parts/Mark";
import { activate } from "../words";
import css from "./SignIn.module.css";

interface SignInProps {
  api: Api;
  /** Why the person is here again. */
  why: Problem | null;
  /** Fetch the rest while the person types. */
  prepare: () => void;
  onSignedIn: (me: Me) => void;
}

export function SignIn({ api, why, prepare, onSignedIn }: SignInProps) {
  const { i18n } = useLingui();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(why);
  const [isAsking, setAsking] = useState(false);
  /** Empty fields are named only after a try. */
  const [wasTried, setTried] = useState(false);
  const loginField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  /** A language chosen on this very page is what the person wants now; otherwise the user's own is taken. */
  const hasChosen = useRef(false);
  const [waitS, setWaitS] = useCountdown();
  const isLocked = waitS > 0;
  const title = i18n._({ id: "signin.title", message: "Sign in to head office" });

  useEffect(() => {
    document.title = `${title} - Tradepost`;
  }, [title]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (isAsking || isLocked) return;
    setTried(true);
    const missing = login === "" ? loginField : password === "" ? passwordField : null;
    if (missing !== null) {
      missing.current?.focus();
      return;
    }
    setAsking(true);
    try {
      const me = await api.ask<Me>("/session", { method: "POST", body: { login, password } });
      if (!hasChosen.current && isLanguage(me.language)) await activate(me.language);
      onSignedIn(me);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setWaitS(error.status === 429 ? Number(error.parameters["seconds"] ?? 0) : 0);
      setPassword("");
      setAsking(false);
      passwordField.current?.focus();
    }
  }

  return (
    <main className={css.screen}>
      <form className={css.card} onSubmit={(event) => void submit(event)} noValidate>
        <div className={css.brand}>
          <Mark />
          <span>Tradepost</span>
        </div>
        <h1 className={css.title}>{title}</h1>
        {problem && <Explanation problem={problem} />}
        <TextField
          label={i18n._({ id: "signin.login", message: "Login" })}
          name="login"
          value={login}
          onChange={(event) => {
            setLogin(event.target.value);
            prepare();
          }}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
          autoFocus
          ref={loginField}
          error={wasTried && login === "" && i18n._({ id: "signin.login-missing", message: "Type your login." })}
        />
        <TextField
          label={i18n._({ id: "signin.password", message: "Password" })}
          name="password"
          type="password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          maxLength={1000}
          ref={passwordField}
          error={wasTried && password === "" && !problem && i18n._({ id: "signin.password-missing", message: "Type your password." })}
        />
        <Button type="submit" look="primary" disabled={isAsking || isLocked}>
          {isLocked
            ? i18n._({ id: "signin.wait", message: "Wait {seconds} s", values: { seconds: waitS } })
            : i18n._({ id: "signin.submit", message: "Sign in" })}
        </Button>
      </form>
      <div className={css.settings}>
        <ScreenSettings
          onLanguage={(language) => {
            hasChosen.current = true;
            void activate(language);
          }}
        />
      </div>
    </main>
  );
}

/** Seconds left, and how to set them. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
