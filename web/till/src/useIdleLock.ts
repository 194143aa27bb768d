import { useEffect } from "react";
import { useSurrounding } from "./context";
import { till, useTill } from "./till";

/** Nobody has pressed, touched or scanned anything for so long: whoever comes next signs in. The sale stays as it is. */
export function useIdleLock(): void {
  const { acts } = useSurrounding();
  const seconds = useTill((state) => state.view?.till.idle_lock_s ?? 0);
  const isWatched = useTill((state) => Boolean(state.session) && !state.isLocked && (state.view?.lease.mine ?? false));
  useEffect(() => {
    if (!isWatched || seconds === 0) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    let scan = till.get().view?.last_scan?.id;
    const begin = () => {
      clearTimeout(timer);
      timer = setTimeout(() => acts.lock(), seconds * 1_000);
    };
    const looked = () => {
      const now = till.get().view?.last_scan?.id;
      if (now !== scan) begin();
      scan = now;
    };
    begin();
    window.addEventListener("keydown", begin, true);
    window.addEventListener("pointerdown", begin, true);
    const stop = till.subscribe(looked);
    return () => {
      clearTimeout(timer);
      stop();
      window.removeEventListener("keydown", begin, true);
      window.removeEventListener("pointerdown", begin, true);
    };
  }, [acts, seconds, isWatched]);
}
