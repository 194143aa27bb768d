/** What the components are given from above: made once in main.tsx. */
import { createContext, useContext } from "react";
import type { Acts } from "./acts";
import type { Gateway } from "./gateway";
import type { ScanListener } from "./scanListener";
import type { Sounds } from "./sounds";

export interface Surrounding {
  gateway: Gateway;
  acts: Acts;
  sounds: Sounds;
  scans: ScanListener;
  /** Who is told of scans that were typed; returns how to stop. One at a time. */
  onScan: (hear: (raw: string) => void) => () => void;
}

export const SurroundingContext = createContext<Surrounding | null>(null);

export function useSurrounding(): Surrounding {
  const surrounding = useContext(SurroundingContext);
  if (!surrounding) throw new Error("no SurroundingContext above");
  return surrounding;
}
