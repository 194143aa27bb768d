/** Today's figures of every branch, kept young by the live stream; and the branches themselves, which hardly change. */
import { useQuery } from "@tanstack/react-query";
import type { Branch, Panel } from "../api/types";
import { panelKey } from "../live/Live";
import { useSurrounding } from "../surrounding";

export function usePanel() {
  const { api } = useSurrounding();
  return useQuery({ queryKey: panelKey, queryFn: ({ signal }) => api.ask<Panel>("/panel", { signal }) });
}

/** Milliseconds: a branch is opened or renamed a few times a year. */
const branchesAgeMs = 600_000;

/** The reader's branches: also for those who may not see the panel. */
export function useBranches(): Branch[] {
  const { api } = useSurrounding();
  const { data } = useQuery({ queryKey: ["/branches"], queryFn: ({ signal }) => api.ask<Branch[]>("/branches", { signal }), staleTime: branchesAgeMs });
  return data ?? [];
}

/** A branch by its id; undefined while the answer is not here. */
export function useBranch(id: string | undefined): Branch | undefined {
  return useBranches().find((branch) => branch.id === id);
}

/** Name of a branch as people say it; its id while the answer is not here. */
export function useBranchName(): (id: string) => string {
  const branches = useBranches();
  return (id) => branches.find((branch) => branch.id === id)?.name ?? id;
}
