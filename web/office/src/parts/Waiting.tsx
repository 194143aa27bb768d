/** Waiting: nothing for the first 150 ms, then grey rows of the same height, after 2 s what is being fetched (UX §2). */
import { useEffect, useState } from "react";
import css from "./Waiting.module.css";

export function useIsLate(afterMs: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), afterMs);
    return () => clearTimeout(timer);
  }, [afterMs]);
  return isLate;
}

export function Waiting({ what, rows = 8 }: { what: string; rows?: number }) {
  const isShown = useIsLate(150);
  const isSaid = useIsLate(2_000);
  return (
    <div className={css.waiting} data-shown={isShown} aria-busy="true">
      <p role="status" className={isSaid ? css.what : "visually-hidden"}>
        {isShown && what}
      </p>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={css.row} aria-hidden="true" />
      ))}
    </div>
  );
}
