/** The build that both apps share: React, catalogues, output folder inside the Python package that serves it. */
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { join } from "node:path";
import type { UserConfig } from "vite";

const web = join(import.meta.dirname, "..");

/** Reads `.po` files as modules. The working directory may be anywhere, so the configuration is named by path. */
export const catalogues = () => lingui({ configPath: join(web, "lingui.config.js") });

interface App {
  name: "till" | "office";
  /** From the repository's root. Git-ignored, part of the wheel. */
  output: string;
  /** Where `npm run dev:…` finds the program that answers /api. */
  api: string;
}

/** Catalogues get a folder of their own: a page loads those of one language. */
const isCatalogue = (module: string | null | undefined) => module?.endsWith(".po") ?? false;

export function appConfig({ name, output, api }: App): UserConfig {
  return {
    root: join(web, name),
    base: "./",
    plugins: [react(), catalogues()],
    build: {
      outDir: join(web, "..", output),
      emptyOutDir: true,
      // The gateway's and head office's content policy takes fonts and pictures from files only.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { output: { chunkFileNames: ({ facadeModuleId }) => `${isCatalogue(facadeModuleId) ? "words" : "assets"}/[name]-[hash].js` } },
    },
    server: { proxy: { "/api": { target: api, ws: true } } },
  };
}
