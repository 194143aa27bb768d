import { defineConfig } from "vite";
import { appConfig } from "../kit/vite.ts";

export default defineConfig(appConfig({ name: "office", output: "cloud/static", api: "http://127.0.0.1:8800" }));
