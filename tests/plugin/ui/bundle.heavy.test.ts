import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { inRepository } from "../../support/repository.ts";

/** What the panel may weigh before it shows: a second of a slow mobile connection. */
const MOST_BYTES = 150_000;

const ui = inRepository("dist/web/ui");

/** A script and everything it imports before it runs; what it loads later is not among them. */
async function withStaticImports(path: string, seen = new Map<string, string>()): Promise<ReadonlyMap<string, string>> {
  if (seen.has(path)) return seen;
  const code = await readFile(path, "utf8");
  seen.set(path, code);
  for (const [, specifier] of code.matchAll(/\b(?:from|import)\s*["'](\.[^"']+)["']/g))
    await withStaticImports(join(path, "..", specifier ?? ""), seen);
  return seen;
}

test("starts with at most 150 kB of script, compressed", async () => {
  const page = await readFile(join(ui, "index.html"), "utf8");
  const entry = /<script type="module"[^>]* src="([^"]+)"/.exec(page)?.[1];
  expect(entry).toBeDefined();
  const scripts = [...(await withStaticImports(join(ui, entry ?? ""))).values()];
  expect(scripts.join("")).toContain("Overpaint");
  const sizes = scripts.map((code) => gzipSync(code).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(MOST_BYTES);
});
