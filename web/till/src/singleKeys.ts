/** Keys of one character that a panel acts on while no field has the focus: 1 to 9, Y, N. The newest panel that knows the key wins. */
import { useEffect } from "react";

type KeyActs = Readonly<Record<string, () => void>>;

const stack: { acts: KeyActs }[] = [];

/** `acts` may be new on every drawing. */
export function useSingleKeys(acts: KeyActs): void {
  useEffect(() => {
    const entry = { acts };
    stack.push(entry);
    return () => {
      stack.splice(stack.indexOf(entry), 1);
    };
  });
}

export function singleKey(key: string): (() => void) | undefined {
  return stack.findLast(({ acts }) => Object.hasOwn(acts, key))?.acts[key];
}
