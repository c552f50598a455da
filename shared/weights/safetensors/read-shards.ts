import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { StoredTensors, UnreadableTensor } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";
import { readSafetensorsHeader } from "./read-header.ts";

/** More shards than any published model has. */
const MAX_SHARDS = 1000;
/** A file beside the index, and nothing above or below it. */
const PLAIN_NAME = /^[^/\\:]+\.safetensors$/;

/**
 * Reads the headers of a model that is divided among files, from its `….safetensors.index.json`: `weight_map` says which
 * tensor lies in which file beside it.
 *
 * Throws OverpaintError `damaged-model` naming the file or tensor that is missing, doubled or outside of the folder.
 */
export async function readShards(files: WeightFiles, indexPath: string): Promise<StoredTensors> {
  const map = parseIndex(indexPath, (await files.readText(indexPath)) ?? "");
  const folder = indexPath.slice(0, indexPath.lastIndexOf("/") + 1);
  const shards = [...new Set(map.values())].sort();
  const wrong = shards.find((shard) => !PLAIN_NAME.test(shard));
  if (wrong !== undefined)
    throw damaged(indexPath, `names the file ${JSON.stringify(wrong)}, which is not one beside it`);
  if (shards.length > MAX_SHARDS) throw damaged(indexPath, `names ${shards.length} files`);
  const read = await joinFiles(
    files,
    shards.map((shard) => folder + shard),
  );
  for (const [name, shard] of map) {
    const tensor = read.tensors.get(name) ?? read.unreadable.get(name);
    if (tensor?.file !== folder + shard)
      throw damaged(indexPath, `expects the tensor "${name}" in ${shard}, which lacks it`);
  }
  return read;
}

/** The tensors of several files. Throws OverpaintError `damaged-model` when one is missing or two hold the same tensor. */
async function joinFiles(files: WeightFiles, paths: readonly string[]): Promise<StoredTensors> {
  const tensors = new Map<string, TensorRef>();
  const unreadable = new Map<string, UnreadableTensor>();
  const metadata = new Map<string, string>();
  for (const path of paths) {
    const read = await readSafetensorsHeader(files, path);
    for (const [name, { file }] of [...read.tensors, ...read.unreadable]) {
      const other = tensors.get(name) ?? unreadable.get(name);
      if (other) throw damaged(file, `and ${other.file} both hold the tensor "${name}"`);
    }
    for (const [name, tensor] of read.tensors) tensors.set(name, tensor);
    for (const [name, tensor] of read.unreadable) unreadable.set(name, tensor);
    for (const [key, value] of read.metadata) metadata.set(key, value);
  }
  return { tensors, unreadable, metadata };
}

function parseIndex(path: string, text: string): ReadonlyMap<string, string> {
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, "is not JSON", cause);
  }
  const map = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : undefined;
  const entries = typeof map === "object" && map !== null ? Object.entries(map) : [];
  if (entries.length === 0) throw damaged(path, "has no weight_map");
  return new Map(
    entries.map(([name, shard]) => {
      if (typeof shard !== "string") throw damaged(path, `does not say which file holds the tensor "${name}"`);
      return [name, shard];
    }),
  );
}

function damaged(path: string, problem: string, cause?: unknown): OverpaintError {
  return new OverpaintError("damaged-model", `${path} ${problem}.`, "Download the model again.", { cause });
}
