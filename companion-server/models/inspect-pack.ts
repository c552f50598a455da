import { z } from "zod";
import type { CheckpointFiles } from "../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { ModelFacts } from "../../shared/protocol/model-facts.ts";
import { plainText } from "../../shared/protocol/plain-text.ts";
import type { ModelPlaces } from "./model-place.ts";
import { inspectModelFiles } from "./open-model-files.ts";
import { requirePlace } from "./place-at.ts";

export interface PackInspection {
  /** As its makers call it, when they do. */
  readonly name: string | undefined;
  readonly licence: string | undefined;
  readonly facts: ModelFacts;
  /** Its graphs, relative to its folder. */
  readonly graphs: readonly string[];
  readonly files: CheckpointFiles;
}

/** A name longer than this is none. */
const MAX_WORDS = 200;
const wordsSchema = z.string().max(MAX_WORDS).transform(plainText).optional();
const makersWordsSchema = z.object({ name: wordsSchema, licence: wordsSchema });

/** Tells what a model is without loading it. Throws `damaged-model` or `unsupported-model` as opening it would. */
export async function inspectPack(places: ModelPlaces): Promise<PackInspection> {
  await requirePlace(places);
  const files = await inspectModelFiles(places);
  const { facts, graphs } = await openModel(files);
  for (const path of graphs) await files.readDeclaration(path);
  const { name, licence } = readMakersWords(await files.readText("overpaint.json"));
  return { name, licence, facts, graphs, files };
}

function readMakersWords(text: string | undefined): z.output<typeof makersWordsSchema> {
  const words = makersWordsSchema.safeParse(text === undefined ? {} : JSON.parse(text));
  return words.success ? words.data : {};
}
