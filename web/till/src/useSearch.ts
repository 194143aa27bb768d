import { useEffect, useState } from "react";
import type { Found } from "./gateway";
import type { ErrorBody } from "./protocol";

/** Short enough for a first letter within 200 ms, long enough that a scanner's burst asks nothing (UX T10). */
const settleMs = 60;

type Search<T> = (query: string, signal: AbortSignal) => Promise<Found<T>>;

/** What the gateway finds for a text that a person is typing; the answer to an older text never replaces a newer one's. */
export function useSearch<T>(search: Search<T>, query: string): { items: T[]; error: ErrorBody | null; asked: string } {
  const [found, setFound] = useState<{ items: T[]; error: ErrorBody | null; asked: string }>({ items: [], error: null, asked: "" });
  useEffect(() => {
    const text = query.trim();
    if (text === "") {
      setFound({ items: [], error: null, asked: "" });
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      search(text, abort.signal).then(
        (answer) => setFound({ ...answer, asked: text }),
        () => undefined, // aborted: a newer text is being asked for
      );
    }, settleMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [search, query]);
  return found;
}
