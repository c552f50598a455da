import { cp, mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CheckpointFiles } from "../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { openModel } from "../../shared/diffusion/models/open-model.ts";
import { type Borrowed, locateFile, readBorrowed } from "../../shared/diffusion/pack/borrowed-components.ts";
import { plainProfile } from "../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../shared/networks/graph/onnx-writer.ts";
import type { TensorRef } from "../../shared/protocol/tensor-ref.ts";
import { makeFolder } from "../make-folder.ts";
import { DiskCheckpoint } from "./files/disk-checkpoint.ts";
import { inspectModelFiles } from "./files/open-model-files.ts";
import type { ModelPlaces } from "./model-place.ts";

/** The weights of a graph lie beside it under this name, as Optimum calls them. */
const WEIGHTS = "model.onnx_data";
/** Read and written at a time. */
const PIECE_BYTES = 16 * 1024 ** 2;

/** Texts of a pack that are not part of a graph's folder. */
const texts = [
  "overpaint.json",
  "scheduler/scheduler_config.json",
  "low_res_scheduler/scheduler_config.json",
  ...["tokenizer", "tokenizer_2"].flatMap((folder) =>
    [
      "vocab.json",
      "merges.txt",
      "tokenizer.json",
      "tokenizer_config.json",
      "special_tokens_map.json",
      "added_tokens.json",
    ].map((name) => `${folder}/${name}`),
  ),
];

/**
 * Writes a model as an ordinary pack of ONNX graphs, in ONNX's own operators alone: those that are there are copied, the others
 * are built and their weights streamed into a file beside each. What a pack borrows becomes its own. Answers the paths of the
 * graphs.
 *
 * Throws as opening the model does.
 */
export async function exportPack(places: ModelPlaces, target: string): Promise<readonly string[]> {
  const files = await inspectModelFiles(places, plainProfile);
  const { graphs } = await openModel(files);
  await makeFolder(target);
  const own = graphs.map(ownPath);
  for (const [index, path] of graphs.entries()) {
    const written = join(target, own[index]!);
    await mkdir(dirname(written), { recursive: true });
    if (files.isBuilt(path)) await writeGraph(await files.build(path), new DiskCheckpoint(places), written);
    else await cp(join(places.folder, dirname(path)), dirname(written), { recursive: true });
  }
  await writeTexts(files, own, target);
  return own;
}

/** Where a graph lies in its own pack: those of borrowed components are called ../PACK/FOLDER/FILE. */
function ownPath(path: string): string {
  return path.replace(/^\.\.\/[^/]+\//, "");
}

/** Writes a graph and, beside it, the weights that it names, each once. */
async function writeGraph(graph: OnnxGraph, source: DiskCheckpoint, path: string): Promise<void> {
  const weights = await open(join(dirname(path), WEIGHTS), "w");
  try {
    const written = new Map<string, number>();
    let end = 0;
    const move = async (tensor: TensorRef): Promise<TensorRef> => {
      const key = `${tensor.file} ${tensor.offset} ${tensor.length}`;
      const known = written.get(key);
      if (known !== undefined) return { ...tensor, file: WEIGHTS, offset: known };
      const offset = end;
      for (let at = 0; at < tensor.length; at += PIECE_BYTES) {
        const length = Math.min(PIECE_BYTES, tensor.length - at);
        await weights.write(await source.readBytes(tensor.file, tensor.offset + at, length), 0, length, offset + at);
      }
      written.set(key, offset);
      end += tensor.length;
      return { ...tensor, file: WEIGHTS, offset };
    };
    const initializers = [];
    for (const each of graph.initializers)
      initializers.push(each.kind === "inline" ? each : { ...each, tensor: await move(each.tensor) });
    await writeFile(
      path,
      encodeOnnx({ ...graph, initializers }, (file) => file),
    );
  } finally {
    await weights.close();
  }
}

async function writeTexts(files: CheckpointFiles, graphs: readonly string[], target: string): Promise<void> {
  const folders = graphs.map((path) => dirname(path));
  const borrowed = readBorrowed(await files.readText("overpaint.json"));
  for (const path of [...texts, ...folders.map((folder) => `${folder}/config.json`)]) {
    const text = await readOwnText(files, path, borrowed);
    if (text === undefined) continue;
    await mkdir(join(target, dirname(path)), { recursive: true });
    await writeFile(join(target, path), text);
  }
  await writeFile(join(target, "model_index.json"), indexOf(await files.readText("model_index.json"), folders));
}

/** A text as a pack that borrows nothing has it; halves of an autoencoder have the config of the whole. */
async function readOwnText(
  files: CheckpointFiles,
  path: string,
  borrowed: Borrowed | undefined,
): Promise<string | undefined> {
  const text = await files.readText(locateFile(path, borrowed));
  if (text === undefined && path.startsWith("vae")) return await files.readText("vae/config.json");
  if (path !== "overpaint.json" || text === undefined) return text;
  const { borrows: _owned, ...recommended } = JSON.parse(text) as Record<string, unknown>;
  return `${JSON.stringify(recommended, undefined, 2)}\n`;
}

/** The index of a pack that holds ONNX graphs in the given folders. */
function indexOf(text = "{}", folders: readonly string[]): string {
  const { vae: _joined, ...index } = JSON.parse(text) as Record<string, unknown>;
  const graphs = Object.fromEntries(folders.map((folder) => [folder, ["diffusers", "OnnxRuntimeModel"]]));
  return `${JSON.stringify({ ...index, ...graphs }, undefined, 2)}\n`;
}
