/**
 * The page's one ear for scanners that type: hears every key before any field or button does.
 * What never breaks: a burst changes no field and presses no button, wherever the focus is; keys of a person are never held back from fields.
 */
import { BurstDetector, type BurstRules, type Key, type Verdict, defaultRules } from "./scan";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Snapshot {
  value: string;
  selection: [number, number] | null;
}

export interface ScanListener {
  /** Runs the act of a single printable key once it is sure that the key does not begin a scan. */
  whenTyped(act: () => void): void;
  stop(): void;
}

export function listenForScans(onScan: (raw: string) => void, rules: BurstRules = defaultRules): ScanListener {
  const detector = new BurstDetector(rules);
  const touched = new Map<Field, Snapshot>();
  let waiting: (() => void)[] = [];
  let timer = 0;
  /** When the last key was pressed, and when it came: on a busy machine these differ, and quiet is counted from the later. */
  let pressedAt = 0;
  let cameAt = 0;

  function obey(verdict: Verdict): void {
    if (verdict.restore) {
      waiting = [];
      for (const [field, snapshot] of touched) putBack(field, snapshot);
    }
    if (verdict.scan !== null) onScan(verdict.scan);
    if (verdict.typed) {
      const acts = waiting;
      waiting = [];
      for (const act of acts) act();
    }
  }

  /** All of them, not only the one in focus: a key's own handler may move the focus before the key types. */
  function rememberFields(): void {
    touched.clear();
    for (const field of document.querySelectorAll<Field>("input, textarea, select")) {
      touched.set(field, snapshotOf(field));
    }
  }

  function wait(): void {
    clearTimeout(timer);
    if (!detector.isWaiting) return;
    // The detector knows which quiet it waits for; this only asks often enough.
    timer = window.setTimeout(() => {
      obey(detector.quiet(pressedAt + performance.now() - cameAt));
      wait();
    }, rules.gapMs + 5);
  }

  function onKey(event: KeyboardEvent): void {
    pressedAt = event.timeStamp;
    cameAt = performance.now();
    const verdict = detector.key(describe(event));
    obey(verdict);
    if (verdict.begins) rememberFields();
    if (verdict.swallow) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    wait();
  }

  window.addEventListener("keydown", onKey, { capture: true });
  return {
    whenTyped: (act) => {
      if (detector.isWaiting) waiting.push(act);
      else act();
    },
    stop: () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", onKey, { capture: true });
    },
  };
}

function describe(event: KeyboardEvent): Key {
  return {
    code: event.code,
    key: event.key,
    shift: event.shiftKey,
    ctrl: event.ctrlKey,
    alt: event.altKey,
    meta: event.metaKey,
    repeat: event.repeat,
    at: event.timeStamp,
  };
}

function snapshotOf(field: Field): Snapshot {
  const selection =
    field instanceof HTMLSelectElement || field.selectionStart === null
      ? null
      : ([field.selectionStart, field.selectionEnd ?? field.selectionStart] satisfies [number, number]);
  return { value: field.value, selection };
}

/** Through the element's own setter and event, so that React hears of it as it hears of typing. */
function putBack(field: Field, snapshot: Snapshot): void {
  if (field.value !== snapshot.value) {
    const prototype = Object.getPrototypeOf(field) as object;
    Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, snapshot.value);
    field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  }
  if (snapshot.selection && !(field instanceof HTMLSelectElement)) field.setSelectionRange(...snapshot.selection);
}
