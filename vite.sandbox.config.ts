import { defineConfig, type Plugin } from "vite";

/** Text that Penpot's compartment refuses anywhere in a plugin's code, strings and comments included. */
const refused: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a dynamic import", /\bimport\s*(?:\(|\/[/*])/],
  ["an HTML comment", /<!--|-->/],
  ["a direct eval", /\beval\s*\(/],
];

const compartmentSyntax: Plugin = {
  name: "compartment-syntax",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== "chunk") continue;
      for (const [what, pattern] of refused) {
        const at = file.code.search(pattern);
        if (at >= 0) this.error(`${file.fileName} has ${what}: ${file.code.slice(Math.max(0, at - 60), at + 60)}`);
      }
    }
  },
};

// plugin.js as Penpot's compartment wants it: one strict script, no imports, nothing left to load.
export default defineConfig(({ mode }) => ({
  publicDir: false,
  plugins: [compartmentSyntax],
  build: {
    outDir: mode === "static" ? "dist/static" : "dist/web",
    emptyOutDir: false,
    target: "es2020",
    lib: { entry: "plugin/sandbox/main.ts", formats: ["iife"], name: "overpaint", fileName: () => "plugin.js" },
  },
}));
