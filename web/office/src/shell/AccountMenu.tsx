/** Who is signed in; language, theme, density; the way out. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ScreenSettings } from "../../../kit/ScreenSettings";
import { Action } from "../parts/Action";
import { NavIcon } from "../parts/NavIcon";
import { type Density, chosenDensity, setDensity } from "../parts/density";
import { useSurrounding } from "../surrounding";
import { activate } from "../words";
import css from "./AccountMenu.module.css";

export function AccountMenu() {
  const { i18n } = useLingui();
  const { me, signOut } = useSurrounding();
  const [density, choose] = useState(chosenDensity);
  const densities: [Density, string][] = [
    ["standard", i18n._({ id: "density.standard", message: "Standard" })],
    ["compact", i18n._({ id: "density.compact", message: "Compact" })],
  ];
  return (
    <>
      <button type="button" className={css.button} popoverTarget="account" aria-label={i18n._({ id: "account.menu", message: "Account of {name}", values: { name: me.name } })}>
        <NavIcon name="account" />
        <span className={css.name}>{me.name}</span>
        <NavIcon name="down" />
      </button>
      <div id="account" popover="auto" className={css.menu}>
        <p className={css.who}>{i18n._({ id: "account.who", message: "Signed in as {name}", values: { name: me.name } })}</p>
        <ScreenSettings onLanguage={(language) => void activate(language)} />
        <fieldset className={css.density}>
          <legend>{i18n._({ id: "density.title", message: "Rows of tables" })}</legend>
          {densities.map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                name="density"
                checked={density === value}
                onChange={() => {
                  setDensity(value);
                  choose(value);
                }}
              />
              {label}
            </label>
          ))}
        </fieldset>
        <Action onClick={() => void signOut()}>{i18n._({ id: "account.out", message: "Sign out" })}</Action>
      </div>
    </>
  );
}
