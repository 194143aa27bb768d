import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ScanListener, listenForScans } from "./scanListener";

let scans: string[];
let listener: ScanListener;
let clock: number;

beforeEach(() => {
  vi.useFakeTimers();
  clock = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  scans = [];
  listener = listenForScans((raw) => scans.push(raw));
  document.body.innerHTML = `<input id="a" value="ab"><input id="b"><select id="s"><option>1</option><option>2</option></select><button id="go">go</button>`;
});

afterEach(() => {
  listener.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const field = (id: string) => document.getElementById(id) as HTMLInputElement;

/** A key as the browser delivers it: what nobody prevents is typed into the field in focus. */
function press(key: string, target: HTMLElement, gap: number): boolean {
  clock += gap;
  vi.advanceTimersByTime(gap);
  const code = key === "Enter" ? "Enter" : `Digit${key}`;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
  Object.defineProperty(event, "timeStamp", { value: clock });
  const passed = target.dispatchEvent(event);
  if (passed && key.length === 1 && target instanceof HTMLInputElement) target.value += key;
  return passed;
}

function quiet(ms: number): void {
  for (let passed = 0; passed < ms; passed += 5) {
    clock += 5;
    vi.advanceTimersByTime(5);
  }
}

test("a burst inside a field is taken out of it and the field is as before", () => {
  const input = vi.fn();
  field("a").addEventListener("input", input);
  field("a").focus();
  for (const key of "4850001234567") press(key, field("a"), 8);
  const passed = press("Enter", field("a"), 8);
  expect(scans).toEqual(["4850001234567"]);
  expect(field("a").value).toBe("ab");
  expect(passed).toBe(false);
  expect(input).toHaveBeenCalledTimes(1); // React is told of the value that was put back
});

test("a burst that moves the focus while it is not known yet leaves the second field as it was too", () => {
  press("4", field("a"), 8);
  for (const key of "85000123") press(key, field("b"), 8);
  press("Enter", field("b"), 8);
  expect(scans).toEqual(["485000123"]);
  expect([field("a").value, field("b").value]).toEqual(["ab", ""]);
});

test("a burst on a list does not choose from it", () => {
  const list = document.getElementById("s") as HTMLSelectElement;
  press("2", list, 8);
  list.value = "2"; // what the browser does with a first letter or digit
  for (const key of "2345") press(key, list, 8);
  press("Enter", list, 8);
  expect(scans).toEqual(["22345"]);
  expect(list.value).toBe("1");
});

test("the Enter of a burst presses no button", () => {
  const button = field("go");
  for (const key of "12345") press(key, button, 8);
  expect(press("Enter", button, 8)).toBe(false);
});

test("a burst without Enter is a scan after 80 ms of quiet", () => {
  for (const key of "12345") press(key, field("b"), 8);
  quiet(75);
  expect(scans).toEqual([]);
  quiet(60);
  expect(scans).toEqual(["12345"]);
});

test("the same keys at a person's speed are text", () => {
  for (const key of "4850001234567") press(key, field("b"), 120);
  expect(scans).toEqual([]);
  expect(field("b").value).toBe("4850001234567");
});

test("the act of a single key waits until the key is known to be a person's", () => {
  const act = vi.fn();
  press("1", field("go"), 8);
  listener.whenTyped(act);
  expect(act).not.toHaveBeenCalled();
  quiet(60);
  expect(act).toHaveBeenCalledTimes(1);
});

test("the act of a single key that began a burst never happens", () => {
  const act = vi.fn();
  press("1", field("go"), 8);
  listener.whenTyped(act);
  for (const key of "2345") press(key, field("go"), 8);
  press("Enter", field("go"), 8);
  quiet(200);
  expect(act).not.toHaveBeenCalled();
  expect(scans).toEqual(["12345"]);
});

test("with nothing held an act happens at once", () => {
  const act = vi.fn();
  listener.whenTyped(act);
  expect(act).toHaveBeenCalledTimes(1);
});
