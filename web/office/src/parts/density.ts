/** How tall the rows of tables are: by choice, kept on this machine. By touch they are never compact. */

export type Density = "standard" | "compact";

const storageKey = "tradepost.density";

export const chosenDensity = (): Density => (localStorage.getItem(storageKey) === "compact" ? "compact" : "standard");

export function setDensity(density: Density): void {
  localStorage.setItem(storageKey, density);
  showDensity();
}

export function showDensity(): void {
  document.documentElement.dataset["density"] = chosenDensity();
}
