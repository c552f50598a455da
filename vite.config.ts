import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

// Panel, playground and the browser engine's worker: dist/web/{ui,playground,assets}. The sandbox has a build of its own.
export default defineConfig({
  root: "plugin",
  base: "./",
  publicDir: "public",
  plugins: [preact()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    rollupOptions: { input: { ui: "plugin/ui/index.html", playground: "plugin/playground/index.html" } },
  },
  worker: { format: "es" },
});
