import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recommendationSchema } from "../../shared/diffusion/pack/recommendation.ts";
import { packWordsSchema } from "../../shared/protocol/models/pack-words.ts";
import { stylePresets } from "../../shared/protocol/text/style-presets.ts";
import { inRepository } from "../support/repository.ts";

/** What a newcomer's first install may weigh, all packs together. */
const MOST_BYTES = 60_000_000;
/** Weights trained on share-alike or non-commercial pictures could not be shipped under the project's terms. */
const UNWANTED_TERMS = /CC-BY-(SA|NC)|GPL/;
/** Dedications ask for nothing, so a pack's licence need not repeat them. */
const PUBLIC_DOMAIN = new Set(["CC-PDDC", "CC0-1.0"]);

const models = inRepository("models");
const packs = (await readdir(models, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory() && existsSync(join(models, entry.name, "model_index.json")))
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

test.each(packs)("%s says its name, licence and native size", async (pack) => {
  const facts: unknown = JSON.parse(await readPackFile(pack, "overpaint.json"));
  expect(facts).toMatchObject({
    name: expect.any(String),
    licence: expect.any(String),
    nativeSize: expect.any(Number),
  });
});

/** A super-resolution network runs in one way only. */
const diffusionPacks = packs.filter((pack) => existsSync(join(models, pack, "scheduler")));

test("ships packs that draw by diffusion", () => {
  expect(diffusionPacks).toContain("starter");
});

test.each(diffusionPacks)("%s says how it is best run", async (pack) => {
  const facts: unknown = JSON.parse(await readPackFile(pack, "overpaint.json"));
  expect(facts).toMatchObject({
    defaults: { scheduler: expect.any(String), steps: expect.any(Number), guidanceScale: expect.any(Number) },
  });
});

test.each(packs)("%s speaks of styles that there are", async (pack) => {
  const facts: unknown = JSON.parse(await readPackFile(pack, "overpaint.json"));
  const { styles = [] } = packWordsSchema.parse(facts);
  const { styleWords = {} } = recommendationSchema.parse(facts);
  expect(stylePresets.map(({ id }) => id)).toEqual(expect.arrayContaining([...styles, ...Object.keys(styleWords)]));
});

test.each(packs)("%s has a card with its training, its numbers and its limits", async (pack) => {
  const card = await readPackFile(pack, "README.md");
  for (const heading of ["## How it was trained", "## Measured", "## Limits"]) expect(card).toContain(heading);
});

test("names every pack's attributions among the third-party notices", async () => {
  const credited = packs.filter((pack) => existsSync(join(models, pack, "ATTRIBUTION.md")));
  expect(credited).toContain("starter");
  const notices = await readFile(inRepository("THIRD-PARTY-NOTICES.md"), "utf8");
  for (const pack of credited) expect(notices).toContain(`](models/${pack}/ATTRIBUTION.md)`);
});

test.each(packs)("%s names its sources' licences, and only sources that its making names", async (pack) => {
  const attribution = await readPackFile(pack, "ATTRIBUTION.md");
  const { licence } = JSON.parse(await readPackFile(pack, "overpaint.json")) as { licence: string };
  const licences = [...attribution.matchAll(/^\|[^|]*\|[^|]*`[^|]*\| ([^|]+) \|/gm)].map((match) => match[1] ?? "");
  expect(licence.split(" AND ")).toEqual([...new Set(licences)].filter((name) => !PUBLIC_DOMAIN.has(name)).sort());
  expect(await readPackFile(pack, "README.md")).toContain(`| licence of the weights | ${licence}`);
  expect(attribution).not.toMatch(UNWANTED_TERMS);

  const data = (await readdir(inRepository("training/data"))).filter((file) => file.endsWith(".py"));
  const makers = [...data.map((file) => `training/data/${file}`), "training/convert_upscaler.py"];
  const sources = (await Promise.all(makers.map((file) => readFile(inRepository(file), "utf8")))).join();
  const credited = [...attribution.matchAll(/npm `((?:@[^/`]+\/)?[^@`]+)/g)].map((match) => match[1]);
  expect(credited.length).toBeGreaterThan(0);
  for (const name of credited) expect(sources).toContain(`${name}@`);
});
