/** What asks for a person, worst first. Pure: figures and exceptions in, a list out; words are the screen's. */
import type { BranchFigures, Exception } from "../api/types";
import type { State } from "../../../kit/tokens";

export type Need =
  | { kind: "silent"; branch: string; since: string | null; unsynced: number | null }
  | { kind: "unknown"; exception: Exception }
  | { kind: "devices"; branch: string; stopped: number; attention: number }
  | { kind: "exceptions"; branch: string; count: number };

/** What comes first. */
const weights: Record<State, number> = { stopped: 0, unknown: 1, attention: 2, offline: 3, ok: 4, info: 5 };

/** A code of the hundreds 5 says that an outcome is not known. */
const isUnknown = (exception: Exception) => /-5\d\d$/.test(exception.code);

export function needs(branches: BranchFigures[], exceptions: Exception[]): Need[] {
  const unknown = exceptions.filter(isUnknown);
  const silent = branches.filter((branch) => branch.is_silent);
  const unwell = branches.filter((branch) => (branch.devices_stopped ?? 0) > 0 || (branch.devices_attention ?? 0) > 0);
  const list: Need[] = [
    ...silent.map((branch): Need => ({ kind: "silent", branch: branch.branch, since: branch.silent_since, unsynced: branch.unsynced })),
    ...unknown.map((exception): Need => ({ kind: "unknown", exception })),
    ...unwell.map(
      (branch): Need => ({ kind: "devices", branch: branch.branch, stopped: branch.devices_stopped ?? 0, attention: branch.devices_attention ?? 0 }),
    ),
    ...branches.flatMap((branch): Need[] => {
      // Those that stand in the list by themselves are not counted again.
      const others = (branch.exceptions ?? 0) - unknown.filter((exception) => exception.branch === branch.branch).length;
      return others > 0 ? [{ kind: "exceptions", branch: branch.branch, count: others }] : [];
    }),
  ];
  return list.toSorted((one, other) => weights[stateOf(one)] - weights[stateOf(other)]);
}

export function stateOf(need: Need): State {
  if (need.kind === "silent") return "stopped";
  if (need.kind === "unknown") return "unknown";
  if (need.kind === "devices") return need.stopped > 0 ? "stopped" : "attention";
  return "attention";
}

/** A branch's link, as one state. A branch without gateways has nothing to be silent. */
export function linkOf(branch: BranchFigures): State {
  if (branch.nodes === 0) return "info";
  if (branch.is_silent) return "stopped";
  return branch.nodes_online < branch.nodes ? "attention" : "ok";
}

function rank(branch: BranchFigures): number {
  const link = weights[linkOf(branch)];
  const devices = (branch.devices_stopped ?? 0) > 0 ? 0 : (branch.devices_attention ?? 0) > 0 || (branch.exceptions ?? 0) > 0 ? 2 : 4;
  return Math.min(link, devices);
}

/** Worst first; equals by name. */
export function worstFirst(branches: BranchFigures[], language: string): BranchFigures[] {
  return branches.toSorted((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name, language));
}
