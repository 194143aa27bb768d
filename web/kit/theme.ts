/** Mantine dressed in our tokens: the provider's theme and the CSS variables. No value of the look is born here. */
import { type CSSVariablesResolver, createTheme, localStorageColorSchemeManager } from "@mantine/core";
import { breakpoints, colourVariables, constantVariables, fontFamily, monospaceFamily, radii } from "./tokens";

/** 16 px to the em: Mantine writes breakpoints in em. */
const em = (px: number) => `${px / 16}em`;

export const theme = createTheme({
  fontFamily,
  fontFamilyMonospace: monospaceFamily,
  defaultRadius: radii.control,
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  breakpoints: {
    xs: em(320),
    sm: em(breakpoints.small),
    md: em(breakpoints.medium),
    lg: em(breakpoints.large),
    xl: em(breakpoints.wide),
  },
});

/** What Mantine's own components read, pointed at our tokens. The same in both schemes: the tokens change underneath. */
const mantineOnTokens = {
  "--mantine-color-body": "var(--tp-page)",
  "--mantine-color-text": "var(--tp-text)",
  "--mantine-color-dimmed": "var(--tp-text-2)",
  "--mantine-color-placeholder": "var(--tp-muted)",
  "--mantine-color-anchor": "var(--tp-accent)",
  "--mantine-color-error": "var(--tp-stopped)",
  "--mantine-color-default": "var(--tp-surface)",
  "--mantine-color-default-hover": "var(--tp-sunken)",
  "--mantine-color-default-color": "var(--tp-text)",
  "--mantine-color-default-border": "var(--tp-control)",
  "--mantine-color-disabled": "var(--tp-sunken)",
  "--mantine-color-disabled-color": "var(--tp-muted)",
  "--mantine-color-disabled-border": "var(--tp-line)",
  "--mantine-primary-color-filled": "var(--tp-accent)",
  "--mantine-primary-color-filled-hover": "var(--tp-accent)",
  "--mantine-primary-color-contrast": "var(--tp-on-accent)",
  "--mantine-primary-color-light": "var(--tp-info-soft)",
  "--mantine-primary-color-light-hover": "var(--tp-selected)",
  "--mantine-primary-color-light-color": "var(--tp-accent)",
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: constantVariables(),
  light: { ...colourVariables("light"), ...mantineOnTokens },
  dark: { ...colourVariables("dark"), ...mantineOnTokens },
});

/** Light, dark or as the system says, kept on this machine. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "tradepost.theme" });
