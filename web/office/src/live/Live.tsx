/** What the stream does to the pages: panel figures change in place, lists learn that they are behind, new rows are counted. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, createContext, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { BranchFigures, Panel } from "../api/types";
import { useSurrounding } from "../surrounding";
import { type LinkState, LiveStream, type StreamEvent } from "./stream";

/** Totals are added up by the API, never here; it is asked again at most this often. */
const totalsEveryMs = 1_500;
/** Lists that others change while somebody reads them. */
const listEveryMs = 1_000;

type Listener = (name: StreamEvent, data: unknown) => void;

export interface Live {
  link: LinkState;
  /** When the link was lost. */
  lostAt: Date | null;
  subscribe: (listener: Listener) => () => void;
}

const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("no live stream here");
  return live;
}

export const panelKey = ["/panel"] as const;

/** Which lists an event makes older. Sales and returns are not here: their rows wait behind a button. */
const stale: Partial<Record<StreamEvent, string[]>> = {
  exception: ["/exceptions"],
  device: ["/devices"],
  node: ["/nodes"],
};

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { api, me } = useSurrounding();
  const [link, setLink] = useState<LinkState>("opening");
  const [lostAt, setLostAt] = useState<Date | null>(null);
  const listeners = useRef(new Set<Listener>());
  const canListen = me.rights.see_sales !== undefined || me.rights.see_devices !== undefined || me.rights.see_exceptions !== undefined;

  useEffect(() => {
    if (!canListen) return undefined;
    const readAgain = sparing((path) => void queries.invalidateQueries({ queryKey: [path] }));
    const stream = new LiveStream((address) => new EventSource(address), {
      onEvent: (name, data) => {
        if (name === "panel") {
          queries.setQueryData<Panel>(panelKey, (panel) => panel && withBranch(panel, data as BranchFigures));
          readAgain("/panel", totalsEveryMs);
        }
        for (const path of stale[name] ?? []) readAgain(path, listEveryMs);
        for (const listener of listeners.current) listener(name, data);
      },
      onReset: () => void queries.invalidateQueries(),
      onEnd: () => api.signedOut(),
      onLink: (state) => {
        setLink(state);
        setLostAt((before) => (state === "lost" ? (before ?? new Date()) : state === "open" ? null : before));
      },
    });
    stream.start();
    return () => {
      readAgain.stop();
      stream.stop();
    };
  }, [queries, api, canListen]);

  const live = useMemo<Live>(
    () => ({
      link,
      lostAt,
      subscribe: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [link, lostAt],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** The panel with this branch's newest figures in their place. */
export function withBranch(panel: Panel, figures: BranchFigures): Panel {
  const isKnown = panel.branches.some((branch) => branch.branch === figures.branch);
  const branches = isKnown
    ? panel.branches.map((branch) => (branch.branch === figures.branch ? figures : branch))
    : [...panel.branches, figures];
  return { ...panel, branches, silent: branches.filter((branch) => branch.is_silent).map((branch) => branch.branch) };
}

/** Calls once per key and pause, at its end, however often it is asked. */
function sparing(call: (key: string) => void) {
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  const ask = (key: string, pauseMs: number) => {
    if (waiting.has(key)) return;
    waiting.set(
      key,
      setTimeout(() => {
        waiting.delete(key);
        call(key);
      }, pauseMs),
    );
  };
  ask.stop = () => waiting.forEach(clearTimeout);
  return ask;
}

/** How many of these have come since `shown` was last called. Each record counts once. */
export function useNewOnes(name: StreamEvent, isWanted: (data: unknown) => boolean): { count: number; shown: () => void } {
  const live = useLive();
  const [store] = useState(() => {
    let ids = new Set<string>();
    let tell: () => void = () => undefined;
    return {
      add: (id: string) => {
        if (ids.has(id)) return;
        ids = new Set(ids).add(id);
        tell();
      },
      clear: () => {
        ids = new Set();
        tell();
      },
      size: () => ids.size,
      subscribe: (listener: () => void) => {
        tell = listener;
        return () => {
          tell = () => undefined;
        };
      },
    };
  });
  const wanted = useRef(isWanted);
  useEffect(() => {
    wanted.current = isWanted;
  });
  useEffect(
    () =>
      live.subscribe((event, data) => {
        if (event === name && wanted.current(data)) store.add((data as { id: string }).id);
      }),
    [live, name, store],
  );
  return { count: useSyncExternalStore(store.subscribe, store.size), shown: store.clear };
}
