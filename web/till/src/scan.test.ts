import { describe, expect, test } from "vitest";
import { BurstDetector, type Key, type Verdict, readKey } from "./scan";

const code = (character: string) => (/\d/.test(character) ? `Digit${character}` : `Key${character.toUpperCase()}`);

function press(character: string, at: number, more: Partial<Key> = {}): Key {
  const isUpper = /[A-Z]/.test(character);
  return { code: code(character), key: character, shift: isUpper, ctrl: false, alt: false, meta: false, repeat: false, at, ...more };
}

const enter = (at: number): Key => press("Enter", at, { code: "Enter", key: "Enter", shift: false });

interface Heard {
  scans: string[];
  swallowed: string[];
  restores: number;
  typed: number;
}

/** Feeds keys a fixed gap apart, then lets `after` ms of quiet pass. */
function feed(detector: BurstDetector, keys: Key[], after = 1_000): Heard {
  const heard: Heard = { scans: [], swallowed: [], restores: 0, typed: 0 };
  const note = (verdict: Verdict, key?: Key) => {
    if (verdict.scan !== null) heard.scans.push(verdict.scan);
    if (verdict.swallow && key) heard.swallowed.push(key.key);
    if (verdict.restore) heard.restores += 1;
    if (verdict.typed) heard.typed += 1;
  };
  for (const key of keys) note(detector.key(key), key);
  note(detector.quiet((keys.at(-1)?.at ?? 0) + after));
  return heard;
}

const burst = (text: string, gap: number, start = 0) => [...text].map((character, index) => press(character, start + index * gap));

describe("a burst", () => {
  test.each([1, 8, 20, 50])("of 13 digits %i ms apart with Enter is one scan", (gap) => {
    const keys = [...burst("4850001234567", gap), enter(13 * gap)];
    const heard = feed(new BurstDetector(), keys);
    expect(heard.scans).toEqual(["4850001234567"]);
    expect(heard.restores).toBe(1);
    expect(heard.typed).toBe(0);
    // The first three went through before it was known; the field is put back.
    expect(heard.swallowed).toEqual([..."0001234567", "Enter"]);
  });

  test("is closed by 80 ms of quiet when no key closes it", () => {
    const detector = new BurstDetector();
    for (const key of burst("12345", 10)) detector.key(key);
    expect(detector.quiet(40 + 79).scan).toBeNull();
    expect(detector.quiet(40 + 80).scan).toBe("12345");
  });

  test("that a key closed lets the next wait longer: a busy machine must not make two codes of one", () => {
    const detector = new BurstDetector();
    feed(detector, [...burst("12345", 10), enter(50)]);
    for (const key of burst("1234", 10, 1_000)) detector.key(key);
    expect(detector.quiet(1_030 + 499).scan).toBeNull();
    const rest = [...burst("567", 10, 1_530), enter(1_560)];
    expect(feed(detector, rest).scans).toEqual(["1234567"]);
  });

  test("that no key closes ends by the longer quiet, and the next by 80 ms again", () => {
    const detector = new BurstDetector();
    feed(detector, [...burst("12345", 10), enter(50)]);
    for (const key of burst("67890", 10, 1_000)) detector.key(key);
    expect(detector.quiet(1_040 + 500).scan).toBe("67890");
    for (const key of burst("11111", 10, 2_000)) detector.key(key);
    expect(detector.quiet(2_040 + 80).scan).toBe("11111");
  });

  test("is closed by Tab", () => {
    const tab = press("Tab", 60, { code: "Tab", key: "Tab", shift: false });
    expect(feed(new BurstDetector(), [...burst("12345", 10), tab]).scans).toEqual(["12345"]);
  });

  test("followed at once by another is two scans", () => {
    const keys = [...burst("11111", 5), enter(25), ...burst("22222", 5, 40), enter(65)];
    expect(feed(new BurstDetector(), keys).scans).toEqual(["11111", "22222"]);
  });

  test("keeps capitals, signs and the GS1 separator", () => {
    const keys = [
      press("]", 0, { code: "BracketRight", key: "]" }),
      press("d", 5),
      press("2", 10),
      press("1", 15),
      press("]", 20, { code: "BracketRight", key: "]", ctrl: true }),
      press("A", 25),
      enter(30),
    ];
    expect(feed(new BurstDetector(), keys).scans).toEqual(["]d21\u001dA"]);
  });

  test("is read by the places of the keys, whatever layout is on", () => {
    // French digits are typed with Shift, Armenian letters have no Latin key: the place says it.
    const keys = [
      press("à", 0, { code: "Digit0", key: "à", shift: false }),
      press("&", 5, { code: "Digit1", key: "&", shift: false }),
      press("ա", 10, { code: "KeyA", key: "ա", shift: false }),
      press("Բ", 15, { code: "KeyB", key: "Բ", shift: true }),
      enter(20),
    ];
    expect(feed(new BurstDetector(), keys).scans).toEqual(["01aB"]);
  });

  test("goes on over Shift and over keys that no scanner sends", () => {
    const shift = press("Shift", 12, { code: "ShiftLeft", key: "Shift", shift: true });
    const backspace = press("Backspace", 32, { code: "Backspace", key: "Backspace", shift: false });
    const keys = [press("1", 0), press("2", 10), shift, press("A", 15), press("4", 25), backspace, press("5", 35), enter(40)];
    const heard = feed(new BurstDetector(), keys);
    expect(heard.scans).toEqual(["12A45"]);
    expect(heard.swallowed).toContain("Backspace");
  });
});

describe("Enter after a scan", () => {
  test("is swallowed for 200 ms and not longer", () => {
    const detector = new BurstDetector();
    feed(detector, burst("12345", 10), 80); // closed by quiet at 120
    expect(detector.key(enter(320)).swallow).toBe(true);
    expect(detector.key(enter(321)).swallow).toBe(false);
  });

  test("as line feed (Ctrl+J) is swallowed too, before the browser opens its downloads", () => {
    const detector = new BurstDetector();
    feed(detector, [...burst("12345", 10), enter(50)]);
    expect(detector.key(press("j", 55, { ctrl: true })).swallow).toBe(true);
  });

  test("belongs to the person after any other key, such as one that opened a panel", () => {
    const detector = new BurstDetector();
    feed(detector, [...burst("12345", 10), enter(50)]);
    detector.key(press("F4", 100, { code: "F4", key: "F4", shift: false }));
    expect(detector.key(enter(150)).swallow).toBe(false);
  });

  test("belongs to the person once something was typed in between", () => {
    const detector = new BurstDetector();
    feed(detector, [...burst("12345", 10), enter(50)]);
    detector.key(press("7", 120));
    expect(detector.key(enter(190)).swallow).toBe(false);
  });
});

describe("a person", () => {
  test("typing 13 digits 120 ms apart makes text, and no key is held back", () => {
    const heard = feed(new BurstDetector(), [...burst("4850001234567", 120), enter(13 * 120)]);
    expect(heard).toEqual({ scans: [], swallowed: [], restores: 0, typed: 13 });
  });

  test("rolling over three keys is still a person", () => {
    const heard = feed(new BurstDetector(), [...burst("abc", 30), enter(90)]);
    expect(heard).toEqual({ scans: [], swallowed: [], restores: 0, typed: 1 });
  });

  test("holding a key down is no scanner", () => {
    const keys = burst("1111111111", 30).map((key, index) => ({ ...key, repeat: index > 0 }));
    expect(feed(new BurstDetector(), keys).scans).toEqual([]);
  });

  test("using Alt or the system key types nothing", () => {
    expect(readKey(press("1", 0, { alt: true }))).toBeNull();
    expect(readKey(press("1", 0, { meta: true }))).toBeNull();
  });

  test("is let go after the gap, so that a single key can act", () => {
    const detector = new BurstDetector();
    detector.key(press("1", 0));
    expect(detector.quiet(50).typed).toBe(false);
    expect(detector.quiet(51).typed).toBe(true);
    expect(detector.isWaiting).toBe(false);
  });
});

describe("a busy machine", () => {
  test("that delivers a key late does not tear a burst apart: the time of the key counts, not of its arrival", () => {
    const detector = new BurstDetector();
    detector.key(press("4", 0));
    expect(detector.quiet(300).typed).toBe(true); // the next key was pressed at 8 ms and has not come yet
    const heard = feed(detector, [...burst("850001234567", 8, 8), enter(104)]);
    expect(heard.scans).toEqual(["4850001234567"]);
    expect(heard.restores).toBe(1);
  });

  test("does not join what a person typed before with a scan that follows", () => {
    const detector = new BurstDetector();
    detector.key(press("7", 0));
    detector.quiet(60);
    expect(feed(detector, [...burst("12345", 8, 200), enter(240)]).scans).toEqual(["12345"]);
  });
});

describe("a key without a place", () => {
  test("is taken by its character: on-screen keyboards and remote desktops", () => {
    expect(readKey(press("é", 0, { code: "", key: "é" }))).toBe("é");
    expect(readKey(press("x", 0, { code: "", key: "Unidentified" }))).toBeNull();
  });

  test("of the number block is the same digit with or without Shift", () => {
    expect(readKey(press("5", 0, { code: "Numpad5", key: "5", shift: true }))).toBe("5");
  });
});
