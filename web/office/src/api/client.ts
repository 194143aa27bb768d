/**
 * The one way to the API: JSON over fetch with the session's cookie. Refusals become `Problem`, whole as the API says them.
 * A session that is over is told once, to whoever made this; no page deals with it.
 */

export type Parameters = Record<string, string | number>;

/** What the API refused, or NET-303 when it did not answer at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly parameters: Parameters;
  /** The API's own words, in the language that was asked for. */
  readonly said: { what: string; kept: string; do: string };

  constructor(status: number, code: string, parameters: Parameters = {}, said = { what: "", kept: "", do: "" }) {
    super(code);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.parameters = parameters;
    this.said = said;
  }
}

export type Query = Record<string, string | number | undefined>;

interface Request {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** Path and question of an address under the API; absent values are left out. */
export function addressOf(path: string, query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") asked.set(name, String(value));
  const question = asked.toString();
  return `/api/v1${path}${question === "" ? "" : `?${question}`}`;
}

export class Api {
  readonly #fetch: typeof fetch;
  readonly #language: () => string;
  #tellSignedOut: () => void = () => undefined;

  constructor(fetcher: typeof fetch, language: () => string) {
    this.#fetch = fetcher;
    this.#language = language;
  }

  /** The session is over: told by a refusal, or by the live stream. */
  signedOut(): void {
    this.#tellSignedOut();
  }

  /** Who hears of it. Answers how to stop hearing. */
  whenSignedOut(listener: () => void): () => void {
    this.#tellSignedOut = listener;
    return () => {
      this.#tellSignedOut = () => undefined;
    };
  }

  /** The answer's JSON. Throws Problem. */
  async ask<Answer>(path: string, { method = "GET", query, body, signal }: Request = {}): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": this.#language(), "X-Tradepost": "office" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await this.#send(addressOf(path, query), {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    if (response.status === 204) return undefined as Answer;
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer as Answer;
    const problem = readProblem(response.status, answer);
    if (problem.code === "USR-210") this.signedOut();
    throw problem;
  }

  async #send(address: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(address, init);
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw Object.assign(new Problem(0, "NET-303"), { cause });
    }
  }
}

/** Whatever stands between may answer with anything: what is not ours is told as SRV-502 with its status. */
function readProblem(status: number, answer: unknown): Problem {
  const error = (answer as { error?: { code?: unknown; parameters?: Parameters; what?: string; kept?: string; do?: string } } | null)?.error;
  if (typeof error?.code !== "string") return new Problem(status, "SRV-502", { status });
  return new Problem(status, error.code, error.parameters, { what: error.what ?? "", kept: error.kept ?? "", do: error.do ?? "" });
}
