/** Fields of our forms: Mantine's wiring of label, hint and error, in our sizes. The error stands under the field and says the fix. */
import { NativeSelect, type NativeSelectProps, TextInput, type TextInputProps } from "@mantine/core";
import css from "./fields.module.css";

const classNames = { root: css.root!, label: css.label!, input: css.input!, error: css.error!, description: css.description! };

export function TextField({ big = false, ...props }: TextInputProps & { big?: boolean }) {
  return <TextInput autoComplete="off" classNames={classNames} mod={{ big }} {...props} />;
}

export function SelectField(props: NativeSelectProps) {
  return <NativeSelect classNames={classNames} {...props} />;
}
