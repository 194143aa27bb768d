import { defineConfig } from "vite";
import { appConfig } from "../kit/vite.ts";

const config = appConfig({ name: "office", output: "cloud/static", api: "http://127.0.0.1:8800" });

export default defineConfig({
  ...config,
  // Addresses of the program are deeper than one level, so files are named from the root.
  base: "/",
  // The content security policy of head office takes fonts from files only, never from data: addresses.
  build: { ...config.build, assetsInlineLimit: 0 },
});
