import { useEffect } from "react";
import { canTakeLines } from "./basket";
import { useSurrounding } from "./context";
import { handleKey, isTextField } from "./keys";
import { singleKey } from "./singleKeys";
import { till } from "./till";
import { ui } from "./ui";

/** The page's own keys, after the scan listener has had its look: what acts, what opens, and where typing goes. */
export function useKeyboard(): void {
  const { acts, scans } = useSurrounding();
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented) return;
      if (actsOn(event)) event.preventDefault();
      else if (isTyped(event) && event.key !== " " && !isTextField(event.target)) focusMainField();
    }

    function actsOn(event: KeyboardEvent): boolean {
      const { view, session, isLocked } = till.get();
      if (!session || isLocked || !view) return false;
      const act = isTyped(event) && !isTextField(event.target) ? singleKey(event.key.toLowerCase()) : undefined;
      const context = {
        acts,
        hasShift: view.shift.state !== "closed",
        canSell: canTakeLines(view) && view.lease.mine && till.get().approvalFor === null,
        panel: ui.get().panel,
        whenTyped: scans.whenTyped,
      };
      if (act) scans.whenTyped(act);
      return act !== undefined || handleKey(event, context);
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [acts, scans]);
}

const isTyped = (event: KeyboardEvent): boolean =>
  event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;

/** Typing with the focus nowhere goes to the newest panel's field, else to the scan field; this very key lands there already. */
function focusMainField(): void {
  const fields = [...document.querySelectorAll<HTMLInputElement>("[data-main-field]:not(:disabled)")];
  fields.at(-1)?.focus();
}
