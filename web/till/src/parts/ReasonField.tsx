/** Why: every act beside plain selling says so. A set reason by default, so that one key is enough. */
import { useLingui } from "@lingui/react";
import { SelectField } from "../../../kit/fields";

interface ReasonFieldProps {
  reasons: Record<string, string>;
  value: string;
  onChange: (reason: string) => void;
}

export function ReasonField({ reasons, value, onChange }: ReasonFieldProps) {
  const { i18n } = useLingui();
  return (
    <SelectField
      label={i18n._({ id: "reason.label", message: "Reason" })}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      data={Object.entries(reasons).map(([reason, label]) => ({ value: reason, label }))}
    />
  );
}
