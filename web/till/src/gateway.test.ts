import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gateway } from "./gateway";
import type { OperationMessage, View } from "./protocol";
import { createStore } from "./store";
import { type TillState, initialTill } from "./till";

/** The gateway's end of a socket, as far as the page can tell. */
class Wire {
  static all: Wire[] = [];
  readyState: number = WebSocket.CONNECTING;
  sent: OperationMessage[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly address: string) {
    Wire.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as OperationMessage);
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop(code = 1006): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code });
  }

  get operations(): OperationMessage[] {
    return this.sent.filter(({ op }) => op !== "ping");
  }
}

const session = { operator: { id: "o1", name: "Anna S." }, rights: [] };
const view = (total_text: string, scanId: string | null = null) =>
  ({ operator: { id: "o1" }, basket: { total_text }, last_scan: scanId && { id: scanId, kind: "accepted", text: "" } }) as unknown as View;

let store: ReturnType<typeof createStore<TillState>>;
let answers: { status: number; body: unknown }[];
let gateway: Gateway;

const openSocket = (address: string) => new Wire(address) as unknown as WebSocket;

function page(tab = "tab-1"): Gateway {
  const fetch = vi.fn(() => {
    const { status, body } = answers.shift()!;
    if (status === 0) return Promise.reject(new TypeError("network"));
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return new Gateway(store, { fetch, openSocket, storage: sessionStorage, origin: "http://till", till: null }, tab, "en");
}

const wire = () => Wire.all.at(-1)!;
const link = () => store.get().link;

beforeEach(async () => {
  vi.useFakeTimers();
  sessionStorage.clear();
  Wire.all = [];
  store = createStore<TillState>({ ...initialTill });
  answers = [{ status: 200, body: session }];
  gateway = page();
  await gateway.start();
  wire().open();
});

afterEach(() => {
  wire().onclose = null;
  vi.useRealTimers();
});

test("a signed-in page connects with its tab and language", () => {
  expect(wire().address).toBe("ws://till/api/till/ws?tab=tab-1&lang=en");
  expect(link()).toBe("open");
});

test("an operation resolves with its own answer", async () => {
  const first = gateway.send("pay", {});
  const second = gateway.send("find_sale", { number: "1" });
  const [one, two] = wire().operations;
  wire().say({ re: two!.id, ok: true, rev: 0, result: { sale: { number: "1" } } });
  wire().say({ re: one!.id, ok: false, rev: 0, error: { code: "SAL-230", parameters: {} } });
  expect(await second).toEqual({ ok: true, rev: 0, result: { sale: { number: "1" } } });
  expect(await first).toEqual({ ok: false, error: { code: "SAL-230", parameters: {} } });
  expect(store.get().unanswered).toBe(0);
});

test("what was not answered is sent again with the same ids after a break, in order, and resolves then", async () => {
  const done = gateway.send("scan", { raw: "1", source: "keyboard" });
  void gateway.send("take", {});
  const before = wire().operations;
  wire().drop();
  expect(link()).toBe("lost");
  vi.advanceTimersByTime(200);
  wire().open();
  expect(wire().operations).toEqual(before);
  wire().say({ re: before[0]!.id, ok: true, rev: 0 });
  expect(await done).toEqual({ ok: true, rev: 0, result: undefined });
});

test("what was answered is not sent again", async () => {
  const done = gateway.send("scan", { raw: "1", source: "keyboard" });
  wire().say({ re: wire().operations[0]!.id, ok: true, rev: 0 });
  await done;
  wire().drop();
  vi.advanceTimersByTime(200);
  wire().open();
  expect(wire().operations).toEqual([]);
});

test("scans are held while the gateway is away; nothing else may begin", async () => {
  wire().drop();
  void gateway.send("scan", { raw: "1", source: "keyboard" });
  const paid = await gateway.send("pay", {});
  expect(paid).toEqual({ ok: false, error: { code: "NET-302", parameters: { held: 1, limit: 50 } } });
  vi.advanceTimersByTime(200);
  wire().open();
  expect(wire().operations.map(({ op }) => op)).toEqual(["scan"]);
});

test("the 51st scan is refused and said so", async () => {
  wire().drop();
  for (let index = 0; index < 50; index += 1) void gateway.send("scan", { raw: String(index), source: "keyboard" });
  const refused = await gateway.send("scan", { raw: "50", source: "keyboard" });
  expect(refused).toEqual({ ok: false, error: { code: "NET-302", parameters: { held: 50, limit: 50 } } });
  expect(store.get().refusal?.error.code).toBe("NET-302");
});

test("a reloaded page sends what its predecessor was not answered", async () => {
  void gateway.send("scan", { raw: "1", source: "keyboard" });
  const before = wire().operations;
  answers = [{ status: 200, body: session }];
  await page().start();
  wire().open();
  expect(wire().operations).toEqual(before);
});

test("another tab leaves it alone", async () => {
  void gateway.send("scan", { raw: "1", source: "keyboard" });
  answers = [{ status: 200, body: session }];
  await page("tab-2").start();
  wire().open();
  expect(wire().operations).toEqual([]);
});

test("an older view never replaces a newer one on the same connection; a new connection starts anew", () => {
  wire().say({ rev: 5, state: view("5") });
  wire().say({ rev: 4, state: view("4") });
  expect(store.get().view?.basket.total_text).toBe("5");
  wire().drop();
  vi.advanceTimersByTime(200);
  wire().open();
  wire().say({ rev: 1, state: view("after a restart") });
  expect(store.get().view?.basket.total_text).toBe("after a restart");
});

test("a refusal stands until the next scan or the next thing done", async () => {
  const refused = gateway.send("pay", {});
  wire().say({ re: wire().operations[0]!.id, ok: false, rev: 0, error: { code: "SAL-230", parameters: {} } });
  await refused;
  expect(store.get().refusal?.error.code).toBe("SAL-230");
  wire().say({ rev: 1, state: view("1", "scan-1") });
  expect(store.get().refusal).toBeNull();
});

test("an answer is handed over with the view in which it shows", async () => {
  const seen: unknown[] = [];
  const done = gateway.send("take", {}).then(() => seen.push(store.get().view?.basket.total_text));
  wire().say({ re: wire().operations[0]!.id, ok: true, rev: 7 });
  await vi.advanceTimersByTimeAsync(10);
  expect(seen).toEqual([]);
  wire().say({ rev: 7, state: view("7") });
  await done;
  expect(seen).toEqual(["7"]);
});

test("a scan that found nothing is told once: by the last scan, not also as a refusal", async () => {
  const done = gateway.send("scan", { raw: "404", source: "keyboard" });
  const { id } = wire().operations[0]!;
  wire().say({ rev: 1, state: view("0", id) });
  wire().say({ re: id, ok: false, rev: 1, error: { code: "SCN-201", parameters: { barcode: "404" } } });
  expect((await done).ok).toBe(false);
  expect(store.get().refusal).toBeNull();
});

test("an act that needs a second person waits for one, and its PIN is never stored", async () => {
  const asked = gateway.send("price", { line_id: "l", unit_price_minor: 100, reason: "agreed" });
  wire().say({ re: wire().operations[0]!.id, ok: false, rev: 0, error: { code: "USR-250", parameters: { right: "price", request: "r1" } } });
  await asked;
  expect(store.get().approvalFor?.name).toBe("price");
  expect(store.get().refusal).toBeNull();

  const scanned = gateway.send("scan", { raw: "1", source: "keyboard" });
  wire().say({ re: wire().operations[1]!.id, ok: true, rev: 0 });
  await scanned;
  expect(store.get().approvalFor?.name).toBe("price");

  answers = [{ status: 200, body: { approval: "r1", approved_by: "Mariam" } }];
  const approval = await gateway.approve("654321", "r1");
  expect(approval).toEqual({ ok: true, result: { approval: "r1", approved_by: "Mariam" } });
  const done = gateway.send("price", { line_id: "l", unit_price_minor: 100, reason: "agreed" }, { approval: "r1" });
  expect(wire().operations[2]).toMatchObject({ op: "price", approval: "r1" });
  wire().say({ re: wire().operations[2]!.id, ok: true, rev: 0 });
  await done;
  expect(store.get().approvalFor).toBeNull();
  expect(JSON.stringify(sessionStorage)).not.toContain("654321");
});

test("a silent line is given up after two missed heartbeats", () => {
  vi.advanceTimersByTime(12_000);
  expect(link()).toBe("lost");
});

test("a line that answers is kept", () => {
  for (let beat = 0; beat < 5; beat += 1) {
    vi.advanceTimersByTime(4_000);
    wire().say({ re: wire().sent.at(-1)!.id, ok: true, rev: 0 });
  }
  expect(link()).toBe("open");
  expect(store.get().unanswered).toBe(0);
});

test("the end of the session leads to signing in, and forgets what was seen", () => {
  wire().say({ rev: 5, state: view("5") });
  wire().drop(4401);
  expect(store.get()).toMatchObject({ session: null, view: null });
});

test("a till that was locked keeps its line, so that a badge under its scanner opens it again", () => {
  wire().say({ rev: 1, state: view("1") });
  wire().say({ rev: 2, state: { ...view("1"), operator: null } });
  expect(store.get()).toMatchObject({ isLocked: true, link: "open" });
  wire().say({ rev: 3, state: view("1") });
  expect(store.get().isLocked).toBe(false);
});

test("a till that nobody has taken yet is not locked", () => {
  wire().say({ rev: 1, state: { ...view("1"), operator: null } });
  expect(store.get().isLocked).toBe(false);
});

test("an operation that nobody may do any more locks the page", async () => {
  const refused = gateway.send("pay", {});
  wire().say({ re: wire().operations[0]!.id, ok: false, rev: 0, error: { code: "USR-401", parameters: {} } });
  await refused;
  expect(store.get()).toMatchObject({ isLocked: true, refusal: null });
});

test("a branch with several tills is told which one this is", async () => {
  answers = [{ status: 200, body: session }];
  const second = new Gateway(store, { fetch: vi.fn(() => Promise.resolve(new Response(JSON.stringify(session)))), openSocket, storage: sessionStorage, origin: "http://till", till: "till-2" }, "t", "en");
  await second.login({ pin: "123456" });
  expect(wire().address).toContain("till=till-2");
});

test("a refused handshake is told from a dead line by asking for the session", async () => {
  wire().drop();
  vi.advanceTimersByTime(200);
  answers = [{ status: 401, body: { error: { code: "USR-402", parameters: {} } } }];
  wire().drop();
  await vi.advanceTimersByTimeAsync(300);
  expect(store.get().session).toBeNull();
});

test("a gateway that is not there yet is asked again until it is", async () => {
  answers = [
    { status: 0, body: null },
    { status: 502, body: "<html>" },
    { status: 200, body: session },
  ];
  store.set({ session: undefined });
  const sockets = Wire.all.length;
  await page().start();
  expect([store.get().session, link()]).toEqual([undefined, "lost"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(store.get().session).toEqual(session);
  expect(Wire.all.length).toBe(sockets + 1);
});

test("a wrong PIN is handed back to who typed it", async () => {
  answers = [{ status: 401, body: { error: { code: "USR-401", parameters: {} } } }];
  expect(await gateway.login({ pin: "1" })).toEqual({ code: "USR-401", parameters: {} });
});

test("a copied tab takes an id of its own and leaves the other's operations to it", () => {
  void gateway.send("scan", { raw: "1", source: "keyboard" });
  gateway.becomeTab("tab-2");
  wire().open();
  expect(wire().address).toContain("tab=tab-2");
  expect(wire().operations).toEqual([]);
});

test("another language is asked for on the next connection", () => {
  gateway.speak("hy");
  expect(wire().address).toContain("lang=hy");
});
