/** Composition root and the small first entry: who is there, else signing in. The shell with all its pages comes after. */
import { i18n } from "@lingui/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../../kit/fonts";
import { Providers } from "../../kit/Providers";
import { preferredLanguage } from "../../kit/languages";
import "./styles";
import { Door } from "./Door";
import { Api } from "./api/client";
import { showDensity } from "./parts/density";
import { activate } from "./words";

await activate(preferredLanguage());
showDensity();
const api = new Api((...request) => fetch(...request), () => i18n.locale);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Providers>
      <Door api={api} />
    </Providers>
  </StrictMode>,
);
