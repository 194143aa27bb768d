/** Composition root of the till's page: everything is made here and handed in. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../../kit/fonts";
import { Providers } from "../../kit/Providers";
import { preferredLanguage } from "../../kit/languages";
import "./styles";
import { App } from "./App";
import { Acts } from "./acts";
import { SurroundingContext } from "./context";
import { Gateway } from "./gateway";
import { listenForScans } from "./scanListener";
import { Sounds } from "./sounds";
import { openTab } from "./tab";
import { till } from "./till";
import { activate } from "./words";

const language = preferredLanguage();
await activate(language);

const tab = openTab(sessionStorage, new BroadcastChannel("tradepost.till"), (copy) => gateway.becomeTab(copy));
const gateway: Gateway = new Gateway(
  till,
  {
    fetch: (...request) => fetch(...request),
    openSocket: (address) => new WebSocket(address),
    storage: sessionStorage,
    origin: location.origin,
    till: new URLSearchParams(location.search).get("till"),
  },
  tab,
  language,
);

let hear: (raw: string) => void = () => undefined;
const scans = listenForScans((raw) => hear(raw));
const onScan = (listener: (raw: string) => void) => {
  hear = listener;
  return () => {
    hear = () => undefined;
  };
};

const surrounding = { gateway, acts: new Acts(gateway), sounds: new Sounds(() => new AudioContext()), scans, onScan };
void gateway.start();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Providers>
      <SurroundingContext value={surrounding}>
        <App />
      </SurroundingContext>
    </Providers>
  </StrictMode>,
);
