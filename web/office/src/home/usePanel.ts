/** Today's figures of every branch; the live stream keeps them young. */
import { useQuery } from "@tanstack/react-query";
import type { Panel } from "../api/types";
import { panelKey } from "../live/Live";
import { useSurrounding } from "../surrounding";

export function usePanel() {
  const { api } = useSurrounding();
  return useQuery({ queryKey: panelKey, queryFn: ({ signal }) => api.ask<Panel>("/panel", { signal }) });
}

/** Name of a branch as people say it; its id while the panel is not here. */
export function useBranchName(): (id: string) => string {
  const { data } = usePanel();
  return (id) => data?.branches.find((branch) => branch.branch === id)?.name ?? id;
}
