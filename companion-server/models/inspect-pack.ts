import type { CheckpointFiles } from "../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { ModelFacts } from "../../shared/protocol/models/model-facts.ts";
import { type PackWords, packWordsSchema } from "../../shared/protocol/models/pack-words.ts";
import { inspectModelFiles } from "./files/open-model-files.ts";
import type { ModelPlaces } from "./model-place.ts";
import { requirePlace } from "./place-at.ts";

export interface PackInspection {
  /** What its makers say of it, where they do. */
  readonly words: PackWords;
  readonly facts: ModelFacts;
  /** Its graphs, relative to its folder. */
  readonly graphs: readonly string[];
  readonly files: CheckpointFiles;
}

/** Tells what a model is without loading it. Throws `damaged-model` or `unsupported-model` as opening it would. */
export async function inspectPack(places: ModelPlaces): Promise<PackInspection> {
  await requirePlace(places);
  const files = await inspectModelFiles(places);
  const { facts, graphs } = await openModel(files);
  for (const path of graphs) await files.readDeclaration(path);
  const words = readWords(await files.readText("overpaint.json"));
  return { words, facts, graphs, files };
}

function readWords(text: string | undefined): PackWords {
  const words = packWordsSchema.safeParse(text === undefined ? {} : JSON.parse(text));
  return words.success ? words.data : {};
}
