/** The time, looked at again twice a minute: ages on the page grow by themselves. */
import { useEffect, useState } from "react";

const everyMs = 30_000;

export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs);
    return () => clearInterval(timer);
  }, []);
  return now;
}
