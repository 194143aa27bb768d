import { defineConfig } from "vite";
import { appConfig } from "../kit/vite.ts";

export default defineConfig(appConfig({ name: "till", output: "edge/terminal/static", api: "http://127.0.0.1:8801" }));
