import { defineConfig } from "vite";

// plugin.js as Penpot's compartment wants it: one strict script, no imports, nothing left to load.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist/web",
    emptyOutDir: false,
    target: "es2020",
    lib: { entry: "plugin/sandbox/main.ts", formats: ["iife"], name: "overpaint", fileName: () => "plugin.js" },
  },
});
