import { kindNames } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import { ModelPack, type ModelPackOptions } from "../../model-pack.ts";
import type { ValueInfo } from "../../model-session.ts";
import { missingConfig, PackConfigs } from "../../pack/pack-configs.ts";
import type { PackFiles } from "../../pack-files.ts";
import { backgroundRemoval } from "../background/background-network.ts";
import { eraseNetwork } from "../erase/erase-network.ts";
import type { Model } from "../model-family.ts";
import { clickSegmentation } from "../segmentation/click-segmentation.ts";
import { bareSuperResolution } from "../super-resolution/super-resolution.ts";
import type { NetworkGraph, NetworkKind } from "./network-kind.ts";

/** Every kind there is. Signatures exclude one another. */
const kinds: readonly NetworkKind<Model>[] = [eraseNetwork, backgroundRemoval, clickSegmentation, bareSuperResolution];

/** The same graph in another precision, as exporters name it. */
const PRECISION_SUFFIX = /_(fp16|float16|q4f16|q4|q8|int8|uint8|quantized|bnb4)(?=\.onnx$)/i;
/** An image encoder and what reads it is the most that a kind consists of. */
const MOST_GRAPHS = 2;

/**
 * Opens a pack of bare graphs: a network that makes no pictures from noise, of the kind that its graphs' inputs and outputs
 * tell. Which graphs those are says overpaint.json or, where the runtime can list a folder, what lies in it: of one graph in
 * several precisions the fullest.
 *
 * Throws OverpaintError `damaged-model` where there is none, `unsupported-model` for graphs of no known kind, saying what they
 * take and give and what would be known.
 */
export async function openNetwork(files: PackFiles, options: ModelPackOptions): Promise<Model> {
  const { recommended } = await PackConfigs.open(files);
  const paths = recommended.graphs ?? fullest((await files.listGraphs?.()) ?? []);
  if (paths.length === 0) throw missingConfig("model_index.json");
  if (paths.length > MOST_GRAPHS) throw tooMany(paths);
  const graphs = await Promise.all(paths.map((path) => declare(files, path)));
  for (const kind of kinds) {
    const parts = kind.recognise(graphs);
    if (parts === undefined) continue;
    const contents = { graphs: parts, borrowed: undefined };
    return await ModelPack.opened(files, options, contents, (pack) => kind.open(pack, recommended));
  }
  throw unknown(graphs);
}

/** One graph of each name, whatever precisions it is there in. */
function fullest(paths: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const path of paths) {
    const name = path.replace(PRECISION_SUFFIX, "");
    if (path === name || !found.has(name)) found.set(name, path);
  }
  return [...found.values()];
}

async function declare(files: PackFiles, path: string): Promise<NetworkGraph> {
  if (files.readDeclaration) return { path, ...(await files.readDeclaration(path)) };
  const session = await files.openSession(path);
  await session.release();
  return { path, inputs: session.inputs, outputs: session.outputs };
}

function tooMany(paths: readonly string[]): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The folder has no model_index.json and ${paths.length} graphs: ${paths.join(", ")}.`,
    'Import one of them by its path, or name those that belong together in its overpaint.json: {"graphs": ["encoder.onnx", "decoder.onnx"]}.',
  );
}

function unknown(graphs: readonly NetworkGraph[]): OverpaintError {
  const seen = graphs.map(
    ({ path, inputs, outputs }) => `${path} takes ${listed(inputs)} and gives ${listed(outputs)}`,
  );
  const known = kinds.map(({ kind, signature }) => `${kindNames[kind]}: ${signature}`);
  return new OverpaintError(
    "unsupported-model",
    `The model is of no known kind: ${seen.join("; ")}.`,
    `What can be used: ${known.join("; ")}.`,
  );
}

function listed(values: readonly ValueInfo[]): string {
  return values.map(({ name, type, shape }) => `${name} ${type} [${shape.join(", ")}]`).join(", ");
}
