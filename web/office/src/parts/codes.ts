/** How a code is shown, by its hundreds (UX §5): 1 notice, 2 needs a person, 3 temporary, 4 will not work, 5 outcome unknown. */
import type { State } from "../../../kit/tokens";

export function stateOfCode(code: string): State {
  const kind = /-(\d)\d\d$/.exec(code)?.[1];
  if (kind === "5") return "unknown";
  if (kind === "4") return "stopped";
  return kind === "1" ? "info" : "attention";
}
