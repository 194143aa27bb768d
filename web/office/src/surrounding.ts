/** What every page may reach: the API, who is signed in, how to leave. Made in main.tsx and handed in. */
import { createContext, useContext } from "react";
import type { Api } from "./api/client";
import type { Me, Right } from "./api/types";

export interface Surrounding {
  api: Api;
  me: Me;
  signOut: () => Promise<void>;
}

export const SurroundingContext = createContext<Surrounding | null>(null);

export function useSurrounding(): Surrounding {
  const surrounding = useContext(SurroundingContext);
  if (surrounding === null) throw new Error("no surrounding: this component stands outside the shell");
  return surrounding;
}

/** Whether the right is held for at least one branch. */
export function useMay(right: Right): boolean {
  return useSurrounding().me.rights[right] !== undefined;
}
