/** Language and theme, by the person, on this machine. */
import { useLingui } from "@lingui/react";
import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { SelectField } from "./fields";
import { type Language, languages } from "./languages";
import css from "./ScreenSettings.module.css";

export function ScreenSettings({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const { i18n } = useLingui();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={css.settings}>
      <SelectField
        label={i18n._({ id: "screen.language", message: "Language" })}
        value={i18n.locale}
        onChange={(event) => onLanguage(event.target.value as Language)}
        data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
      />
      <SelectField
        label={i18n._({ id: "screen.theme", message: "Theme" })}
        value={colorScheme}
        onChange={(event) => setColorScheme(event.target.value as MantineColorScheme)}
        data={[
          { value: "light", label: i18n._({ id: "screen.light", message: "Light" }) },
          { value: "dark", label: i18n._({ id: "screen.dark", message: "Dark" }) },
          { value: "auto", label: i18n._({ id: "screen.system", message: "As the system" }) },
        ]}
      />
    </div>
  );
}
