/** The one connection: what it tells, and how it comes back. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveStream, type StreamListener } from "./stream";

class FakeSource extends EventTarget {
  readyState = 1;
  readonly address: string;
  isClosed = false;
  constructor(address: string) {
    super();
    this.address = address;
  }
  close(): void {
    this.isClosed = true;
  }
  say(name: string, data: unknown, lastEventId = ""): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }));
  }
}

let sources: FakeSource[];
let listener: { [Name in keyof StreamListener]: ReturnType<typeof vi.fn<StreamListener[Name]>> };
let stream: LiveStream;

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  listener = { onEvent: vi.fn(), onReset: vi.fn(), onEnd: vi.fn(), onLink: vi.fn() };
  stream = new LiveStream((address) => {
    const source = new FakeSource(address);
    sources.push(source);
    return source as unknown as EventSource;
  }, listener);
  stream.start();
});

afterEach(() => {
  stream.stop();
  vi.useRealTimers();
});

test("events are told with their data", () => {
  sources[0]!.say("sale", { id: "1" }, "5-1");
  expect(listener.onEvent).toHaveBeenCalledExactlyOnceWith("sale", { id: "1" });
});

test("a pause is left to the browser, which comes back by itself", () => {
  sources[0]!.readyState = 0;
  sources[0]!.dispatchEvent(new Event("error"));
  vi.advanceTimersByTime(60_000);
  expect(listener.onLink).toHaveBeenLastCalledWith("lost");
  expect(sources).toHaveLength(1);
});

test("a refused connection is opened again after the last event heard", () => {
  sources[0]!.say("sale", { id: "1" }, "5-1");
  sources[0]!.readyState = 2;
  sources[0]!.dispatchEvent(new Event("error"));
  vi.advanceTimersByTime(5_000);
  expect(sources.map((source) => source.address)).toEqual(["/api/v1/stream", "/api/v1/stream?after=5-1"]);
});

test("the end of the session closes the connection for good", () => {
  sources[0]!.say("end", {});
  vi.advanceTimersByTime(60_000);
  expect(listener.onEnd).toHaveBeenCalledOnce();
  expect(sources[0]!.isClosed).toBe(true);
  expect(sources).toHaveLength(1);
});

test("what was missed too much of is read again", () => {
  sources[0]!.say("reset", {});
  expect(listener.onReset).toHaveBeenCalledOnce();
});
