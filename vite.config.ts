import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";

// Panel, playground and the browser engine's worker: dist/web/{ui,playground,assets}. The sandbox has a build of its own.
export default defineConfig({
  root: "plugin",
  base: "./",
  publicDir: "public",
  plugins: [preact(), penpotStyles(), pluginManifest(), engineFileList()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    rollupOptions: {
      // How long each plugin took is nothing a user of `npm start` wants to read.
      checks: { pluginTimings: false },
      input: { ui: "plugin/ui/index.html", playground: "plugin/playground/index.html" },
    },
  },
  worker: {
    format: "es",
    rollupOptions: {
      output: {
        // All workers' files are called main.ts or so; their folder says which one it is.
        entryFileNames: ({ facadeModuleId }) => `assets/${basename(dirname(facadeModuleId ?? "worker/"))}-[hash].js`,
      },
    },
  },
});

/**
 * Penpot's style sheet in a cascade layer beneath the panel's own, and without its request for a typeface from another server: the
 * panel brings its own.
 */
function penpotStyles(): Plugin {
  return {
    name: "overpaint-penpot-styles",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("@penpot/plugin-styles/")) return;
      return `@layer penpot {\n${code.replace(/@import\s*"https:[^"]*";/, "")}\n}`;
    },
  };
}

/** Penpot asks for the manifest beside plugin.js; it stands at the top of the repository, where readers look for it. */
function pluginManifest(): Plugin {
  return {
    name: "overpaint-plugin-manifest",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "manifest.json", source: readFileSync("manifest.json", "utf8") });
    },
  };
}

/**
 * Lists what the browser engine fetches while it works: its worker's chunks, the runtime's binaries and the packs that ship.
 * The panel fetches them ahead, so that edits go on when the server has stopped.
 */
function engineFileList(): Plugin {
  return {
    name: "overpaint-engine-file-list",
    apply: "build",
    generateBundle(_, bundle) {
      // Workers are bundles of their own, whose scripts arrive here as finished assets.
      const scripts = Object.values(bundle)
        .filter(({ type, fileName }) => type === "asset" && /\.(js|wasm)$/.test(fileName))
        .map(({ fileName }) => fileName);
      const packs = readdirSync("models", { recursive: true, encoding: "utf8" })
        .filter((file) => /[/\\].*\.(json|txt|onnx|onnx_data|safetensors)$/.test(file))
        .map((file) => `models/${file.replaceAll("\\", "/")}`);
      this.emitFile({ type: "asset", fileName: "engine-files.json", source: JSON.stringify([...scripts, ...packs]) });
    },
  };
}
