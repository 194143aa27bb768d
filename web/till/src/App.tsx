import { useLingui } from "@lingui/react";

export function App() {
  const { i18n } = useLingui();
  return <h1>{i18n._({ id: "till.title", message: "Till" })}</h1>;
}
