/** One id per tab, kept over reloads. A duplicated tab starts as a copy, storage and all, and must find its own. */
import { uuid7 } from "./ids";

const storageKey = "tradepost.tab";

interface Hello {
  kind: "here" | "taken";
  tab: string;
  /** Which page speaks: two copies have the same tab, never the same page. */
  page: string;
}

/** Returns this tab's id, and calls back with a new one when another page already lives under it. */
export function openTab(storage: Storage, channel: BroadcastChannel, onCopy: (tab: string) => void): string {
  const page = uuid7();
  let tab = storage.getItem(storageKey) ?? uuid7();
  storage.setItem(storageKey, tab);

  const say = (kind: Hello["kind"]) => channel.postMessage({ kind, tab, page } satisfies Hello);
  channel.addEventListener("message", ({ data }: MessageEvent<Hello>) => {
    if (data.tab !== tab || data.page === page) return;
    if (data.kind === "here") {
      say("taken");
      return;
    }
    tab = uuid7();
    storage.setItem(storageKey, tab);
    onCopy(tab);
  });
  say("here");
  return tab;
}
