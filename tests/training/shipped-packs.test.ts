import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inRepository } from "../support/repository.ts";

/** What a newcomer's first install may weigh, all packs together. */
const MOST_BYTES = 60_000_000;
/** Weights trained on share-alike or non-commercial pictures could not be shipped under the project's terms. */
const UNWANTED_TERMS = /CC-BY-(SA|NC)|GPL/;

const models = inRepository("models");
const packs = (await readdir(models, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function readPackFile(pack: string, file: string): Promise<string> {
  return await readFile(join(models, pack, file), "utf8");
}

test("ships at least the starter pack", () => {
  expect(packs).toContain("starter");
});

test("keeps all packs together under 60 MB", async () => {
  const files = await readdir(models, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST_BYTES);
});

test.each(packs)("%s says its name, licence, native size and defaults", async (pack) => {
  const facts: unknown = JSON.parse(await readPackFile(pack, "overpaint.json"));
  expect(facts).toMatchObject({
    name: expect.any(String),
    licence: expect.any(String),
    nativeSize: expect.any(Number),
    defaults: { scheduler: expect.any(String), steps: expect.any(Number), guidanceScale: expect.any(Number) },
  });
});

test.each(packs)("%s has a card with its training, its numbers and its limits", async (pack) => {
  const card = await readPackFile(pack, "README.md");
  for (const heading of ["## How it was trained", "## Measured", "## Limits"]) expect(card).toContain(heading);
});

test.each(packs)("%s credits every licence it names, and only sources the data step knows", async (pack) => {
  const attribution = await readPackFile(pack, "ATTRIBUTION.md");
  const { licence } = JSON.parse(await readPackFile(pack, "overpaint.json")) as { licence: string };
  for (const identifier of licence.split(" AND ")) expect(attribution).toContain(`| ${identifier} |`);
  expect(attribution).not.toMatch(UNWANTED_TERMS);

  const sources = await readFile(inRepository("training/data/sources.py"), "utf8");
  const credited = [...attribution.matchAll(/npm `((?:@[^/`]+\/)?[^@`]+)/g)].map((match) => match[1]);
  expect(credited.length).toBeGreaterThan(0);
  for (const name of credited) expect(sources).toContain(`"${name}@`);
});
