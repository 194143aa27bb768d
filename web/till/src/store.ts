/**
 * What the page knows, outside React: components subscribe to the slice they draw.
 * The gateway pushes its whole view each time; `share` keeps every part that did not change identical, so that only what changed is drawn again.
 */
import { useSyncExternalStore } from "react";

export interface Store<T> {
  get: () => T;
  set: (patch: Partial<T>) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createStore<T extends object>(initial: T): Store<T> {
  let current = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => current,
    set: (patch) => {
      current = { ...current, ...patch };
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The slice must be a part of the state or a plain value, not an object made on the way. */
export function useSlice<T extends object, S>(store: Store<T>, slice: (state: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => slice(store.get()));
}

/** `next`, with every part that equals its counterpart in `before` replaced by that counterpart. For JSON values. */
export function share<T>(before: unknown, next: T): T {
  if (Object.is(before, next)) return next;
  if (Array.isArray(next)) {
    const old: unknown[] = Array.isArray(before) ? before : [];
    const shared = next.map((item, index) => share(counterpart(old, item, index), item));
    const same = old.length === shared.length && shared.every((item, index) => item === old[index]);
    return (same ? old : shared) as T;
  }
  if (typeof next !== "object" || next === null) return next;
  const old = typeof before === "object" && before !== null ? (before as Record<string, unknown>) : {};
  const entries = Object.entries(next).map(([name, value]) => [name, share(old[name], value)] as const);
  const same = Object.keys(old).length === entries.length && entries.every(([name, value]) => old[name] === value);
  return (same && !Array.isArray(before) ? old : Object.fromEntries(entries)) as T;
}

/** Items with an id are compared with the one of that id: the window of the last 60 lines moves along. */
function counterpart(old: unknown[], item: unknown, index: number): unknown {
  if (typeof item !== "object" || item === null || !("id" in item)) return old[index];
  return old.find((candidate) => typeof candidate === "object" && candidate !== null && "id" in candidate && candidate.id === item.id);
}
