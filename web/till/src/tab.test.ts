import { beforeEach, expect, test, vi } from "vitest";
import { openTab } from "./tab";

/** Channels of one browser: what one says the others hear. */
class Channel extends EventTarget {
  static all: Channel[] = [];
  constructor() {
    super();
    Channel.all.push(this);
  }
  postMessage(data: unknown): void {
    for (const other of Channel.all) if (other !== this) other.dispatchEvent(new MessageEvent("message", { data }));
  }
}

const open = (storage: Storage, onCopy: (tab: string) => void) => openTab(storage, new Channel() as unknown as BroadcastChannel, onCopy);

/** sessionStorage of another tab. */
function storageWith(tab: string | null): Storage {
  const values = new Map(tab === null ? [] : [["tradepost.tab", tab]]);
  return { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value) } as Storage;
}

beforeEach(() => {
  Channel.all = [];
});

test("a reloaded tab keeps its id", () => {
  const onCopy = vi.fn();
  expect(open(storageWith("t1"), onCopy)).toBe("t1");
  expect(onCopy).not.toHaveBeenCalled();
});

test("two tabs have two ids", () => {
  const never = vi.fn();
  expect(open(storageWith(null), never)).not.toBe(open(storageWith(null), never));
  expect(never).not.toHaveBeenCalled();
});

test("a duplicated tab finds another id; the first keeps its own", () => {
  const first = vi.fn();
  const copy = vi.fn();
  open(storageWith("t1"), first);
  const storage = storageWith("t1");
  open(storage, copy);
  expect(first).not.toHaveBeenCalled();
  expect(copy).toHaveBeenCalledTimes(1);
  expect(copy.mock.calls[0]![0]).not.toBe("t1");
  expect(storage.getItem("tradepost.tab")).toBe(copy.mock.calls[0]![0]);
});
