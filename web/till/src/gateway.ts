/**
 * The page's line to the branch gateway: one WebSocket both ways, resumed by operation ids, and a few HTTP calls.
 * What never breaks: an operation has one id for ever; it is sent again after every break until it is answered, and only a scan may begin
 * while the gateway is away. No sum is worked out here.
 */
import type { Language } from "../../kit/languages";
import { uuid7 } from "./ids";
import type {
  Answer,
  Approval,
  ErrorBody,
  FoundCustomer,
  FoundProduct,
  OperationMessage,
  OperationName,
  Operations,
  Push,
  Results,
  Session,
} from "./protocol";
import { OperationQueue, queueLimit } from "./queue";
import { type Store, share } from "./store";
import type { TillState } from "./till";

/** An answer as its caller reads it. `rev` is the first view in which the operation shows. */
export type Outcome<N extends OperationName> =
  | { ok: true; rev: number; result: N extends keyof Results ? Results[N] : undefined }
  | { ok: false; error: ErrorBody };

/** What the browser gives; tests give their own. */
export interface Surroundings {
  fetch: typeof fetch;
  openSocket: (address: string) => WebSocket;
  storage: Storage;
  origin: string;
  /** Which till of the branch this page is; a branch with one till need not be told. */
  till: string | null;
}

/** A gateway that restarts is back in 1.0 to 1.5 s (TOOLCHAIN §3): try early, then settle at the last. */
const reconnectDelaysMs = [200, 300, 500, 1_000, 2_000];

/** A silent line is taken for dead after two of these. */
const heartbeatMs = 4_000;

/** A push that an answer has announced is here within this, or will not come. */
const pushWithinMs = 1_000;

/** The gateway closes with this when the session is over. */
const signedOutClose = 4401;

/** May begin without the gateway: it is kept, and replayed once. */
const holdable: ReadonlySet<OperationName> = new Set(["scan"]);

export class Gateway {
  private socket: WebSocket | null = null;
  private queue: OperationQueue;
  private readonly callers = new Map<string, (answer: Answer) => void>();
  private attempts = 0;
  private heardAt = 0;
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeatTimer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly store: Store<TillState>,
    private readonly around: Surroundings,
    private tab: string,
    private language: Language,
  ) {
    this.queue = this.queueOf(tab);
  }

  // ------------------------------------------------------------------------------------------------------------ HTTP

  /** Who is signed in by the cookie of an earlier page; then connects. A gateway that does not answer is asked again. */
  async start(): Promise<void> {
    const answer = await this.call<Session>("GET", "session");
    if (answer.ok) this.signedIn(answer.result);
    else if (answer.error.code === unreachable.code) this.lost(() => void this.start());
    else this.signedOut();
  }

  async login(credential: { pin: string } | { badge: string }): Promise<ErrorBody | null> {
    const { till } = this.around;
    const answer = await this.call<Session>("POST", "login", { ...credential, ...(till !== null && { till }) });
    if (!answer.ok) return answer.error;
    this.signedIn(answer.result);
    return null;
  }

  /** Rejects with an AbortError when the signal says so. */
  async search(query: string, signal: AbortSignal): Promise<Found<FoundProduct>> {
    return this.find<FoundProduct>("search", query, signal);
  }

  async customers(query: string, signal: AbortSignal): Promise<Found<FoundCustomer>> {
    return this.find<FoundCustomer>("customers", query, signal);
  }

  /** A second person's PIN for one act. It goes over HTTP, so that it is never kept with the operations. */
  approve(pin: string, request: string): Promise<Called<Approval>> {
    const { till } = this.around;
    return this.call<Approval>("POST", "approve", { pin, request, ...(till !== null && { till }) });
  }

  private async find<T>(path: string, query: string, signal: AbortSignal): Promise<Found<T>> {
    const answer = await this.call<{ items: T[] }>("GET", `${path}?q=${encodeURIComponent(query)}`, undefined, signal);
    return answer.ok ? { items: answer.result.items, error: null } : { items: [], error: answer.error };
  }

  private async call<T>(method: "GET" | "POST", path: string, body?: object, signal?: AbortSignal): Promise<Called<T>> {
    let response: Response;
    try {
      response = await this.around.fetch(`${this.around.origin}/api/till/${path}`, {
        method,
        credentials: "same-origin",
        headers: { "Accept-Language": this.language, ...(body && { "Content-Type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (problem) {
      if (signal?.aborted) throw problem;
      return { ok: false, error: unreachable };
    }
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return { ok: true, result: answer as T };
    return { ok: false, error: errorOf(answer) };
  }

  // --------------------------------------------------------------------------------------------------------- session

  private signedIn(session: Session): void {
    this.store.set({ session, isLocked: false });
    this.connect();
  }

  private signedOut(): void {
    this.hangUp();
    this.store.set({ session: null, isLocked: false, link: "connecting", lostAt: null, view: null, refusal: null, approvalFor: null });
  }

  /** Texts come in another language from now on. */
  speak(language: Language): void {
    if (language === this.language) return;
    this.language = language;
    if (this.socket) this.connect();
  }

  /** This tab was a copy of another one: it takes an id of its own and leaves the other's operations to the other. */
  becomeTab(tab: string): void {
    this.tab = tab;
    this.queue = this.queueOf(tab);
    this.store.set({ unanswered: 0 });
    if (this.socket) this.connect();
  }

  private queueOf(tab: string): OperationQueue {
    return new OperationQueue(this.around.storage, `tradepost.unanswered.${tab}`);
  }

  // ------------------------------------------------------------------------------------------------------ operations

  /** Sends and waits for the answer, over any break. A refusal is also shown in the strip, except with `quiet`. */
  async send<N extends OperationName>(
    name: N,
    args: Operations[N],
    options: { quiet?: boolean; approval?: string } = {},
  ): Promise<Outcome<N>> {
    const away = this.store.get().link !== "open";
    if ((away && !holdable.has(name)) || this.queue.isFull) {
      return this.settle(name, args, { ok: false, error: this.waitingForGateway() }, options.quiet);
    }
    const message: OperationMessage = { op: name, id: uuid7(), ...args, ...(options.approval && { approval: options.approval }) };
    const answer = await new Promise<Answer>((resolve) => {
      this.callers.set(message.id, resolve);
      this.queue.add(message);
      this.store.set({ unanswered: this.queue.unanswered.length });
      this.transmit(message);
    });
    const outcome = answer.ok ? { ok: true, rev: answer.rev, result: answer.result } : { ok: false, error: answer.error };
    await this.drawn(answer.rev);
    const isShownAlready = this.store.get().view?.last_scan?.id === message.id;
    return this.settle(name, args, outcome as Outcome<N>, options.quiet || isShownAlready);
  }

  /** Resolves once the view of this revision is here, so that whoever asked goes on with figures that are true. */
  private drawn(rev: number): Promise<void> | undefined {
    if (this.store.get().rev >= rev) return undefined;
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const timer = setTimeout(finish, pushWithinMs);
      const stop = this.store.subscribe(() => this.store.get().rev >= rev && finish());
    });
  }

  private settle<N extends OperationName>(name: N, args: Operations[N], outcome: Outcome<N>, quiet = false): Outcome<N> {
    const waiting = this.store.get().approvalFor;
    // Scanning goes on beside an act that waits for a second person.
    if (outcome.ok) this.store.set({ refusal: null, approvalFor: waiting?.name === name ? null : waiting });
    else if (outcome.error.code === "USR-401") this.store.set({ isLocked: true });
    else if (outcome.error.code === "USR-250") this.store.set({ approvalFor: { name, args, error: outcome.error } });
    else if (!quiet) this.store.set({ refusal: { error: outcome.error, at: Date.now() } });
    return outcome;
  }

  private waitingForGateway(): ErrorBody {
    return { code: unreachable.code, parameters: { held: this.queue.unanswered.length, limit: queueLimit } };
  }

  private transmit(message: OperationMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  // ---------------------------------------------------------------------------------------------------------- socket

  private connect(): void {
    this.hangUp();
    const query = new URLSearchParams({ tab: this.tab, lang: this.language });
    if (this.around.till !== null) query.set("till", this.around.till);
    const socket = this.around.openSocket(`${this.around.origin.replace(/^http/, "ws")}/api/till/ws?${query}`);
    let wasOpen = false;
    this.socket = socket;
    socket.onopen = () => {
      wasOpen = true;
      this.opened();
    };
    socket.onmessage = (event: MessageEvent<string>) => this.heard(event.data);
    socket.onclose = (event) => this.closed(event.code, wasOpen);
  }

  private opened(): void {
    this.attempts = 0;
    this.heardAt = Date.now();
    this.store.set({ link: "open", lostAt: null, rev: 0, unanswered: this.queue.unanswered.length });
    for (const message of this.queue.unanswered) this.transmit(message);
    this.heartbeatTimer = setInterval(() => this.beat(), heartbeatMs);
  }

  private beat(): void {
    if (Date.now() - this.heardAt > 2 * heartbeatMs) {
      this.closed(1006, true);
      return;
    }
    this.transmit({ op: "ping", id: uuid7() });
  }

  private heard(data: string): void {
    this.heardAt = Date.now();
    const message = JSON.parse(data) as Answer | Push;
    if ("state" in message) this.pushed(message);
    if ("re" in message) this.answered(message);
  }

  private pushed({ rev, state }: Push): void {
    const now = this.store.get();
    if (rev < now.rev) return;
    const view = share(now.view, state);
    const isNewScan = view.last_scan !== null && view.last_scan.id !== now.view?.last_scan?.id;
    const hadOperator = now.isLocked || Boolean(now.view?.operator);
    this.store.set({ rev, view, isLocked: hadOperator && view.operator === null, ...(isNewScan && { refusal: null }) });
  }

  private answered(answer: Answer): void {
    if (this.queue.answered(answer.re)) this.store.set({ unanswered: this.queue.unanswered.length });
    this.callers.get(answer.re)?.(answer);
    this.callers.delete(answer.re);
  }

  private closed(code: number, wasOpen: boolean): void {
    this.hangUp();
    if (code === signedOutClose) {
      this.signedOut();
      return;
    }
    // A refused handshake looks like a dead line from here, so the session is asked for first.
    this.lost(() => (wasOpen ? this.connect() : void this.start()));
  }

  private lost(again: () => void): void {
    this.store.set({ link: "lost", lostAt: this.store.get().lostAt ?? Date.now() });
    const delay = reconnectDelaysMs[Math.min(this.attempts, reconnectDelaysMs.length - 1)]!;
    this.attempts += 1;
    this.reconnectTimer = setTimeout(again, delay);
  }

  /** Lets go of the socket without hearing of its end again. */
  private hangUp(): void {
    clearTimeout(this.reconnectTimer);
    clearInterval(this.heartbeatTimer);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

type Called<T> = { ok: true; result: T } | { ok: false; error: ErrorBody };

export interface Found<T> {
  items: T[];
  error: ErrorBody | null;
}

const unreachable: ErrorBody = { code: "NET-302", parameters: { held: 0 } };

/** The error of a refused HTTP call; an answer that is not ours means that something else sits at that address. */
function errorOf(answer: unknown): ErrorBody {
  if (typeof answer === "object" && answer !== null && "error" in answer) return answer.error as ErrorBody;
  return unreachable;
}
