/**
 * Tells a scanner that types from a person who types. Pure: keys with their times go in, verdicts come out; `scanListener.ts` is the page's side.
 * Keys are read by their place on a US keyboard, whatever layout is on. Source of the rules: UX §4, "Scan anywhere".
 */

export interface BurstRules {
  /** Fewer keys than this are a person. */
  minKeys: number;
  /** Longest pause between two keys of a burst, ms. */
  gapMs: number;
  /** A burst ends when this long nothing follows, ms: for scanners that send no closing key. */
  quietMs: number;
  /** The same once a scanner has closed a code by a key, as nearly all do: only a busy machine makes it wait then, and half a code must not be taken for one, ms. */
  closedQuietMs: number;
  /** A closing key this soon after a scan belongs to it, ms: scanners send CR, LF or both. */
  enterMs: number;
}

export const defaultRules: BurstRules = { minKeys: 4, gapMs: 50, quietMs: 80, closedQuietMs: 500, enterMs: 200 };

/** The part of a KeyboardEvent that counts. `at` is ms on any steady clock. */
export interface Key {
  code: string;
  key: string;
  shift: boolean;
  ctrl: boolean;
  alt: boolean;
  meta: boolean;
  repeat: boolean;
  at: number;
}

export interface Verdict {
  /** This key is the first of what may become a burst: fields are to be remembered as they are before it acts. */
  begins: boolean;
  /** The key must not reach the page. */
  swallow: boolean;
  /** A burst was just recognised: what its first keys did to fields is to be undone. */
  restore: boolean;
  /** A burst has ended: its text, without the closing key. */
  scan: string | null;
  /** The keys held so far were a person's; what waited for that may act. */
  typed: boolean;
}

const pass: Verdict = { begins: false, swallow: false, restore: false, scan: null, typed: false };

const shifted: Record<string, string> = {
  "1": "!", "2": "@", "3": "#", "4": "$", "5": "%", "6": "^", "7": "&", "8": "*", "9": "(", "0": ")",
  "-": "_", "=": "+", "[": "{", "]": "}", "\\": "|", ";": ":", "'": '"', "`": "~", ",": "<", ".": ">", "/": "?",
};

const places: Record<string, string> = {
  Minus: "-", Equal: "=", BracketLeft: "[", BracketRight: "]", Backslash: "\\", Semicolon: ";", Quote: "'",
  Backquote: "`", Comma: ",", Period: ".", Slash: "/", Space: " ",
  NumpadAdd: "+", NumpadSubtract: "-", NumpadMultiply: "*", NumpadDivide: "/", NumpadDecimal: ".",
};

/** The unshifted character at this place of a US keyboard, or null for a key that types nothing. */
function unshifted(code: string): string | null {
  const named = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code);
  if (named) return named[1]?.toLowerCase() ?? named[2]!;
  return places[code] ?? null;
}

/** What a US keyboard would have typed; Ctrl+] and its like give control characters such as the GS1 separator. */
export function readKey(key: Key): string | null {
  if (key.alt || key.meta) return null;
  // On-screen keyboards and remote desktops send no place, only the character.
  const plain = key.code === "" ? (key.key.length === 1 ? key.key : null) : unshifted(key.code);
  if (plain === null) return null;
  if (key.ctrl) {
    const control = plain.toUpperCase().charCodeAt(0) & 0x1f;
    return /[a-z[\]\\]/.test(plain) ? String.fromCharCode(control) : null;
  }
  if (!key.shift || key.code === "" || key.code.startsWith("Numpad")) return plain;
  return shifted[plain] ?? plain.toUpperCase();
}

const modifiers = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"]);

/** Enter, Tab, and the control keys that mean CR and LF. */
function isEnd(key: Key): boolean {
  return key.key === "Enter" || key.key === "Tab" || (key.ctrl && (key.code === "KeyM" || key.code === "KeyJ"));
}

export class BurstDetector {
  private held = "";
  private isBurst = false;
  /** What `quiet` let go of: a busy machine may deliver a key after that though it was pressed in time. */
  private letGo = "";
  /** The last burst was closed by a key. */
  private closesByKey = false;
  private lastAt = Number.NEGATIVE_INFINITY;
  private scannedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly rules: BurstRules = defaultRules) {}

  /** Whether a timer is to call `quiet` when nothing follows. */
  get isWaiting(): boolean {
    return this.held !== "";
  }

  key(key: Key): Verdict {
    if (modifiers.has(key.key)) return pass;
    const before = this.settleBefore(key.at);
    if (isEnd(key)) return merge(before, this.end(key));
    const character = key.repeat ? null : readKey(key);
    if (character === null) return merge(before, this.interrupt());
    return merge(before, this.take(character, key.at));
  }

  /** To be called when nothing came for a while: closes a burst, or lets go of what a person typed. */
  quiet(at: number): Verdict {
    if (!this.isWaiting) return pass;
    const silence = at - this.lastAt;
    if (this.isBurst) return silence >= this.burstQuietMs ? this.finishByQuiet(at) : pass;
    if (silence <= this.rules.gapMs) return pass;
    const letGo = this.held;
    const verdict = this.release();
    this.letGo = letGo;
    return verdict;
  }

  /** Pause before this key longer than a burst allows: what was held is settled first. */
  private settleBefore(at: number): Verdict {
    const limit = this.isBurst ? this.burstQuietMs : this.rules.gapMs;
    if (at - this.lastAt <= limit) return pass;
    this.letGo = "";
    if (!this.isWaiting) return pass;
    return this.isBurst ? this.finishByQuiet(at) : this.release();
  }

  private get burstQuietMs(): number {
    return this.closesByKey ? this.rules.closedQuietMs : this.rules.quietMs;
  }

  private finishByQuiet(at: number): Verdict {
    this.closesByKey = false;
    return this.finish(at);
  }

  private take(character: string, at: number): Verdict {
    const begins = this.held === "" && this.letGo === "";
    this.held = this.letGo + this.held + character;
    this.letGo = "";
    this.lastAt = at;
    this.scannedAt = Number.NEGATIVE_INFINITY;
    if (this.isBurst) return { ...pass, swallow: true };
    if (this.held.length < this.rules.minKeys) return { ...pass, begins };
    this.isBurst = true;
    return { ...pass, swallow: true, restore: true };
  }

  private end(key: Key): Verdict {
    if (this.isBurst) {
      this.closesByKey = true;
      return { ...this.finish(key.at), swallow: true };
    }
    const belongsToScan = !this.isWaiting && key.at - this.scannedAt <= this.rules.enterMs;
    if (belongsToScan) return { ...pass, swallow: true };
    return this.release();
  }

  /** A key that no scanner sends: inside a burst it is dropped, else the person goes on. */
  private interrupt(): Verdict {
    if (this.isBurst) return { ...pass, swallow: true };
    this.scannedAt = Number.NEGATIVE_INFINITY;
    return this.release();
  }

  private release(): Verdict {
    const typed = this.isWaiting;
    this.held = "";
    this.letGo = "";
    return { ...pass, typed };
  }

  private finish(at: number): Verdict {
    const scan = this.held;
    this.held = "";
    this.isBurst = false;
    this.scannedAt = at;
    return { ...pass, scan };
  }
}

function merge(earlier: Verdict, later: Verdict): Verdict {
  return {
    begins: later.begins,
    swallow: later.swallow,
    restore: later.restore,
    scan: earlier.scan ?? later.scan,
    typed: earlier.typed || later.typed,
  };
}
