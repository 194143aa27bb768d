import { useEffect, useState } from "react";

/** Whole units since a moment (ISO 8601), kept up to date; 0 when there is none. */
function useSince(since: string | null, unitMs: number, everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (since === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [since, everyMs]);
  return since === null ? 0 : Math.max(0, Math.floor((now - Date.parse(since)) / unitMs));
}

export const useMinutesSince = (since: string | null): number => useSince(since, 60_000, 20_000);
export const useSecondsSince = (since: string | null): number => useSince(since, 1_000, 1_000);
