import { join } from "node:path";
import { z } from "zod";
import type { ModelSession } from "../../shared/diffusion/model-session.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { ModelFacts } from "../../shared/protocol/model-facts.ts";
import { readGraphValues } from "./read-graph-values.ts";
import { readPackText } from "./read-pack-text.ts";

export interface PackInspection {
  /** As its makers call it, when they do. */
  readonly name: string | undefined;
  readonly licence: string | undefined;
  readonly facts: ModelFacts;
}

const makersWordsSchema = z.object({ name: z.string().optional(), licence: z.string().optional() });

/** Tells what a pack is without loading it. Throws `damaged-model` or `unsupported-model` as opening it would. */
export async function inspectPack(folder: string): Promise<PackInspection> {
  const { facts, graphs } = await openModel({
    readText: (path) => readPackText(folder, path),
    openSession: (path) => openDeclaration(folder, path),
  });
  for (const path of graphs) await readGraphValues(join(folder, path), path);
  const { name, licence } = await readMakersWords(folder);
  return { name, licence, facts };
}

/** A session that knows what the graph declares and computes nothing. */
async function openDeclaration(folder: string, path: string): Promise<ModelSession> {
  return {
    ...(await readGraphValues(join(folder, path), path)),
    run: () => Promise.reject(new Error(`${path} is open for inspection only`)),
    release: async () => {},
  };
}

async function readMakersWords(folder: string): Promise<z.output<typeof makersWordsSchema>> {
  const text = await readPackText(folder, "overpaint.json");
  const words = makersWordsSchema.safeParse(text === undefined ? {} : JSON.parse(text));
  return words.success ? words.data : {};
}
