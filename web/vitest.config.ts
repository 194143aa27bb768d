import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { catalogues } from "./kit/vite.ts";

export default defineConfig({
  plugins: [react(), catalogues()],
  test: { environment: "jsdom", include: ["{kit,till,office}/**/*.test.{ts,tsx}"] },
});
