import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";

// Panel, playground and the browser engine's worker: dist/web/{ui,playground,assets}. The sandbox has a build of its own.
export default defineConfig(({ mode }) => ({
  root: "plugin",
  base: "./",
  publicDir: "public",
  plugins: [preact(), penpotStyles(), pluginManifest(), engineFileList(), ...(mode === "static" ? [staticSite()] : [])],
  build: {
    outDir: mode === "static" ? "../dist/static" : "../dist/web",
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
}));

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
 * Lists what the browser engine fetches while it works and keeps: the runtime's binaries and the packs that ship, each with its
 * size and SHA-256. The catalog says what it may fetch from the hub besides.
 */
function engineFileList(): Plugin {
  return {
    name: "overpaint-engine-file-list",
    apply: "build",
    generateBundle(_, bundle) {
      // Workers are bundles of their own, whose files arrive here as finished assets.
      const binaries = Object.values(bundle).flatMap((output) =>
        output.type === "asset" && output.fileName.endsWith(".wasm")
          ? [listed(output.fileName, Buffer.from(output.source))]
          : [],
      );
      const packs = packFiles().map((path) => listed(path, readFileSync(path)));
      this.emitFile({ type: "asset", fileName: "engine-files.json", source: JSON.stringify([...binaries, ...packs]) });
      this.emitFile({ type: "asset", fileName: "model-catalog.json", source: readFileSync("models/catalog.json") });
    },
  };
}

/** What any static host needs beside the built files: the packs, and the headers that threads need, for the hosts that read them. */
function staticSite(): Plugin {
  return {
    name: "overpaint-static-site",
    apply: "build",
    generateBundle() {
      for (const path of packFiles()) this.emitFile({ type: "asset", fileName: path, source: readFileSync(path) });
      this.emitFile({ type: "asset", fileName: "_headers", source: STATIC_HEADERS });
    },
  };
}

/** Cloudflare Pages and Netlify read this. Penpot fetches the manifest from its own origin; the playground is isolated. */
const STATIC_HEADERS = `/*
  Access-Control-Allow-Origin: *
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  Cross-Origin-Resource-Policy: cross-origin
`;

/** The files of the packs that ship, below the root. */
function packFiles(): readonly string[] {
  return readdirSync("models", { recursive: true, encoding: "utf8" })
    .filter((file) => /[/\\].*\.(json|txt|onnx|onnx_data|safetensors)$/.test(file))
    .map((file) => `models/${file.replaceAll("\\", "/")}`);
}

function listed(path: string, bytes: Uint8Array) {
  return { path, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
