/**
 * Operations that the gateway has not answered yet. Kept in sessionStorage, so that a reload loses none; sent again with the same id,
 * so that a repeat is harmless. What never breaks: an operation leaves only when its answer came; nothing is taken in beyond the limit.
 */
import type { OperationMessage } from "./protocol";

/** Source: DESIGN §3, UX §4 "Gateway unreachable". */
export const queueLimit = 50;

export class OperationQueue {
  private messages: OperationMessage[];

  constructor(
    private readonly storage: Storage,
    private readonly storageKey: string,
  ) {
    this.messages = restore(storage.getItem(storageKey));
  }

  /** Oldest first. */
  get unanswered(): readonly OperationMessage[] {
    return this.messages;
  }

  get isFull(): boolean {
    return this.messages.length >= queueLimit;
  }

  /** Returns false and takes nothing when full. */
  add(message: OperationMessage): boolean {
    if (this.isFull) return false;
    this.messages = [...this.messages, message];
    this.keep();
    return true;
  }

  /** Forgets the operation; returns whether it was waited for. */
  answered(id: string): boolean {
    const left = this.messages.filter((message) => message.id !== id);
    if (left.length === this.messages.length) return false;
    this.messages = left;
    this.keep();
    return true;
  }

  private keep(): void {
    this.storage.setItem(this.storageKey, JSON.stringify(this.messages));
  }
}

/** What another version of the page left there is not worth a till that does not start. */
function restore(stored: string | null): OperationMessage[] {
  if (stored === null) return [];
  try {
    const messages: unknown = JSON.parse(stored);
    return Array.isArray(messages) ? messages.filter(isMessage).slice(0, queueLimit) : [];
  } catch {
    return [];
  }
}

function isMessage(value: unknown): value is OperationMessage {
  return typeof value === "object" && value !== null && "op" in value && "id" in value;
}
