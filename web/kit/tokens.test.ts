/** T3: the ratios that UX §2 promises are recomputed, and no screen writes a colour of its own. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { contrast } from "./contrast";
import { type Colour, type Scheme, type State, backgrounds, colour, colourVariables, constantVariables } from "./tokens";

const web = join(import.meta.dirname, "..");

function worst(name: Colour, scheme: Scheme): number {
  return Math.min(...backgrounds.map((background) => contrast(colour(name, scheme), colour(background, scheme))));
}

/** UX §2: token, worst on the four backgrounds in light and dark. */
const promised: [Colour, number, number][] = [
  ["text", 13.9, 10.3],
  ["text-2", 6.1, 6.1],
  ["muted", 4.7, 4.9],
  ["accent", 5.2, 5.1],
  ["control", 3.3, 3.5],
  ["focus", 5.2, 6.3],
  ["ok", 4.9, 5.8],
  ["attention", 5.3, 6.4],
  ["stopped", 5.2, 5.2],
  ["info", 5.2, 5.1],
  ["unknown", 5.8, 5.4],
  ["offline", 6.1, 6.1],
];

/** UX §2: state on its own soft background, light and dark. */
const promisedSoft: [State, number, number][] = [
  ["ok", 5.5, 7.2],
  ["attention", 6.1, 7.8],
  ["stopped", 5.7, 6.8],
  ["info", 5.7, 6.0],
  ["unknown", 6.3, 6.9],
  ["offline", 6.7, 7.3],
];

describe("ratios of UX §2", () => {
  test.each(promised)("%s on the worst background", (name, light, dark) => {
    expect(worst(name, "light")).toBeCloseTo(light, 1);
    expect(worst(name, "dark")).toBeCloseTo(dark, 1);
  });

  test.each(promisedSoft)("%s on its soft background", (name, light, dark) => {
    expect(contrast(colour(name, "light"), colour(`${name}-soft`, "light"))).toBeCloseTo(light, 1);
    expect(contrast(colour(name, "dark"), colour(`${name}-soft`, "dark"))).toBeCloseTo(dark, 1);
  });

  test("the label of a primary button", () => {
    expect(contrast(colour("on-accent", "light"), colour("accent", "light"))).toBeCloseTo(6.7, 1);
    expect(contrast(colour("on-accent", "dark"), colour("accent", "dark"))).toBeCloseTo(7.8, 1);
  });

  test.each([1, 2, 3, 4, 5, 6] as const)("chart colour %i on the surface", (index) => {
    expect(contrast(colour(`chart-${index}`, "light"), colour("surface", "light"))).toBeGreaterThanOrEqual(5.0);
    expect(contrast(colour(`chart-${index}`, "dark"), colour("surface", "dark"))).toBeGreaterThanOrEqual(7.55);
  });
});

describe("floors of WCAG", () => {
  const textTokens = promised.map(([name]) => name).filter((name) => name !== "control" && name !== "focus");
  test.each(textTokens)("%s is readable text in both schemes", (name) => {
    expect(worst(name, "light")).toBeGreaterThanOrEqual(4.5);
    expect(worst(name, "dark")).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["control", "focus"] as const)("%s stands out 3:1 in both schemes", (name) => {
    expect(worst(name, "light")).toBeGreaterThanOrEqual(3);
    expect(worst(name, "dark")).toBeGreaterThanOrEqual(3);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|css|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules") && !/\.test\.tsx?$/.test(path));
}

const screens = ["kit", "till", "office"]
  .flatMap((workspace) => sources(join(web, workspace)))
  .filter((path) => path !== join(web, "kit", "tokens.ts"));

/** #hex of 3, 4, 6 or 8 digits, colour functions, and the named colours people reach for. */
const rawColour =
  /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b|\b(?:rgba?|hsla?|hwb|oklch|oklab|lab|lch)\(|:\s*(?:white|black|red|green|blue|gr[ae]y|orange|yellow)\b\s*[;,"'}]/i;

describe("no raw colours in screen code", () => {
  test("the search finds a colour written by hand", () => {
    expect(rawColour.test("color: #0B5CAD;")).toBe(true);
    expect(rawColour.test("background: rgb(0 0 0 / 0.4);")).toBe(true);
    expect(rawColour.test("color: white;")).toBe(true);
    expect(rawColour.test("color: var(--tp-text);")).toBe(false);
  });

  test.each(screens.map((path) => relative(web, path)))("%s", (path) => {
    const offending = readFileSync(join(web, path), "utf8")
      .split("\n")
      .filter((line) => rawColour.test(line));
    expect(offending).toEqual([]);
  });

  test("every --tp- variable that a screen uses exists", () => {
    const known = new Set(
      Object.keys({ ...constantVariables(), ...colourVariables("light") }).map((name) => name.replace("--tp-", "")),
    );
    const used = screens.flatMap((path) => [...readFileSync(path, "utf8").matchAll(/var\(--tp-([a-z0-9-]+)/g)].map((m) => m[1]!));
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([]);
  });
});
