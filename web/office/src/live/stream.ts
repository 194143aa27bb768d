/**
 * The page's one ear: server-sent events of /api/v1/stream. A browser comes back by itself with Last-Event-ID; when it gives up
 * (the server answered with a refusal), this opens a new one and names the last event in the address. It never polls.
 */

export const streamEvents = ["sale", "return", "receipt", "exception", "device", "node", "panel"] as const;
export type StreamEvent = (typeof streamEvents)[number];

export type LinkState = "opening" | "open" | "lost";

export interface StreamListener {
  onEvent: (name: StreamEvent, data: unknown) => void;
  /** Too much was missed: what is shown must be read again. */
  onReset: () => void;
  /** The session is over. */
  onEnd: () => void;
  onLink: (state: LinkState) => void;
}

/** Milliseconds before a new connection after one that was refused. */
const reopenAfterMs = 5_000;

type Source = Pick<EventSource, "addEventListener" | "close" | "readyState">;

export class LiveStream {
  readonly #open: (address: string) => Source;
  readonly #listener: StreamListener;
  #source: Source | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastId = "";

  constructor(open: (address: string) => Source, listener: StreamListener) {
    this.#open = open;
    this.#listener = listener;
  }

  start(): void {
    const after = this.#lastId === "" ? "" : `?after=${encodeURIComponent(this.#lastId)}`;
    const source = this.#open(`/api/v1/stream${after}`);
    this.#source = source;
    this.#listener.onLink("opening");
    source.addEventListener("open", () => this.#listener.onLink("open"));
    source.addEventListener("error", () => this.#lost(source));
    source.addEventListener("reset", () => this.#listener.onReset());
    source.addEventListener("end", () => {
      this.stop();
      this.#listener.onEnd();
    });
    for (const name of streamEvents) {
      source.addEventListener(name, (event) => {
        const { data, lastEventId } = event as MessageEvent<string>;
        if (lastEventId !== "") this.#lastId = lastEventId;
        this.#listener.onEvent(name, JSON.parse(data));
      });
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #lost(source: Source): void {
    if (this.#source !== source) return;
    this.#listener.onLink("lost");
    // 2 is CLOSED: the browser will not come back by itself.
    if (source.readyState !== 2) return;
    this.stop();
    this.#timer = setTimeout(() => this.start(), reopenAfterMs);
  }
}
