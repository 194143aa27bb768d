/**
 * The one source of the look: UX §2 as data. `theme.ts` turns it into CSS variables; `tokens.test.ts` recomputes every ratio.
 * A raw colour, space or type size never stands in a screen; only `var(--tp-…)` from here does.
 */

export type Scheme = "light" | "dark";

/** Colour tokens in the order of UX §2. The pair is [light, dark]. */
export const colours = {
  page: ["#F6F7F9", "#0F1318"],
  surface: ["#FFFFFF", "#171C23"],
  sunken: ["#ECEFF3", "#0B0E12"],
  selected: ["#D3E5FA", "#1B3A5C"],
  text: ["#14181F", "#EEF1F5"],
  "text-2": ["#4A5361", "#B4BDC9"],
  muted: ["#5B6472", "#A0AAB7"],
  accent: ["#0B5CAD", "#6FB1F5"],
  "on-accent": ["#FFFFFF", "#08192B"],
  control: ["#737C89", "#848F9D"],
  line: ["#D5DAE1", "#343D49"],
  focus: ["#0B5CAD", "#8CC4FF"],
  ok: ["#1B6E35", "#6BCB86"],
  "ok-soft": ["#E3F4E8", "#12301C"],
  attention: ["#8A4B00", "#F2B661"],
  "attention-soft": ["#FFF1DC", "#3A2808"],
  stopped: ["#B3201B", "#FF8C85"],
  "stopped-soft": ["#FDE7E6", "#431715"],
  info: ["#0B5CAD", "#6FB1F5"],
  "info-soft": ["#E4EFFB", "#14304D"],
  unknown: ["#6B3FA0", "#C4A1F0"],
  "unknown-soft": ["#F1E9FA", "#2E1F45"],
  offline: ["#4A5361", "#B4BDC9"],
  "offline-soft": ["#ECEFF3", "#262D36"],
  "chart-1": ["#0B5CAD", "#6FB1F5"],
  "chart-2": ["#B45309", "#F2B661"],
  "chart-3": ["#1B6E35", "#6BCB86"],
  "chart-4": ["#7A3E9D", "#C4A1F0"],
  "chart-5": ["#A61E4D", "#F58FB0"],
  "chart-6": ["#4A5361", "#B4BDC9"],
} as const satisfies Record<string, readonly [string, string]>;

export type Colour = keyof typeof colours;

/** The states a thing may be in. Each has a colour, a soft background, a shape and a word: the colour alone never carries it. */
export const states = ["ok", "attention", "stopped", "info", "unknown", "offline"] as const;
export type State = (typeof states)[number];

/** Backgrounds on which text may stand; a ratio is the worst of them. */
export const backgrounds = ["page", "surface", "sunken", "selected"] as const satisfies readonly Colour[];

/** px. */
export const spaces = [4, 8, 12, 16, 24, 32, 48, 64] as const;

/** px. */
export const radii = { control: 4, panel: 8 } as const;

/** [size, line height] in px, named for their use. */
export const type = {
  note: [12, 16],
  table: [14, 20],
  body: [16, 24],
  "till-line": [18, 24],
  heading: [20, 28],
  title: [24, 32],
  sum: [32, 40],
  total: [48, 56],
  change: [64, 72],
} as const satisfies Record<string, readonly [number, number]>;

export const weights = { normal: 400, strong: 600 } as const;

/** px, at least. Till keypad and Pay 64, other till and handheld 48, head office by touch 44. */
export const targets = { pay: 64, till: 48, touch: 44 } as const;

/** px; a screen is drawn at 390 and 1280 and whole at 320. */
export const breakpoints = { small: 600, medium: 905, large: 1240, wide: 1600 } as const;

/** Noto Sans first: Armenian and Georgian text takes its digits and signs from it. */
export const fontFamily =
  '"Noto Sans Variable", "Noto Sans Armenian Variable", "Noto Sans Georgian Variable", system-ui, sans-serif';

export const monospaceFamily = 'ui-monospace, "Noto Sans Mono", "DejaVu Sans Mono", "Liberation Mono", monospace';

const schemeIndex: Record<Scheme, 0 | 1> = { light: 0, dark: 1 };

/** The colour's value in a scheme. */
export function colour(name: Colour, scheme: Scheme): string {
  return colours[name][schemeIndex[scheme]];
}

/** CSS variables of one scheme: `--tp-surface` and so on. */
export function colourVariables(scheme: Scheme): Record<string, string> {
  return Object.fromEntries((Object.keys(colours) as Colour[]).map((name) => [`--tp-${name}`, colour(name, scheme)]));
}

/** CSS variables that do not depend on the scheme. Type sizes are rem, so that a person's own text size counts. */
export function constantVariables(): Record<string, string> {
  const variables: Record<string, string> = {
    "--tp-font": fontFamily,
    "--tp-font-mono": monospaceFamily,
    "--tp-weight-normal": String(weights.normal),
    "--tp-weight-strong": String(weights.strong),
  };
  for (const px of spaces) variables[`--tp-space-${px}`] = `${px}px`;
  for (const [name, px] of Object.entries(radii)) variables[`--tp-radius-${name}`] = `${px}px`;
  for (const [name, px] of Object.entries(targets)) variables[`--tp-target-${name}`] = `${px}px`;
  for (const [name, [size, line]] of Object.entries(type)) {
    variables[`--tp-type-${name}`] = `${size / 16}rem`;
    variables[`--tp-leading-${name}`] = `${line / 16}rem`;
  }
  return variables;
}
