import { build } from "vite";

/** Builds a page of the tests, workers included, as the product's pages are built. */
export async function buildPage(root: string, outDir: string): Promise<void> {
  await build({
    root,
    configFile: false,
    base: "./",
    logLevel: "error",
    publicDir: false,
    build: { outDir, emptyOutDir: true, target: "es2023", minify: false },
    worker: { format: "es" },
  });
}
