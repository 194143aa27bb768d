import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../../kit/fonts";
import { Providers } from "../../kit/Providers";
import { preferredLanguage } from "../../kit/languages";
import "./styles";
import { App } from "./App";
import { activate } from "./words";

await activate(preferredLanguage());
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Providers>
      <App />
    </Providers>
  </StrictMode>,
);
