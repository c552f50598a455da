import { defineConfig } from "vite";

/** The companion's programs by their names in `companion-server/package-root.ts`: in a few files they start in half the time. */
const programs = {
  overpaint: "companion-server/main.ts",
  engine: "companion-server/engine/child/main.ts",
  probe: "companion-server/engine/child/devices/probe-main.ts",
  packer: "companion-server/engine/child/graphs/pack-main.ts",
  ledger: "companion-server/jobs/recovery/ledger-main.ts",
  hasher: "companion-server/models/digests/hash-worker.ts",
};

// dist/programs. What package.json depends on is left to Node.
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: "dist/programs",
    emptyOutDir: true,
    target: "node20",
    minify: false,
    rollupOptions: {
      input: programs,
      output: { entryFileNames: "[name].js", chunkFileNames: "parts/[name]-[hash].js" },
    },
  },
});
