import type { CheckpointFiles } from "../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { Precision } from "../../../shared/protocol/models/precision.ts";
import { weightBytes } from "../../models/describe-files.ts";
import { listModelFiles, type OpenedWeights } from "../../models/files/list-pack-files.ts";
import type { ModelPlaces } from "../../models/model-place.ts";

/**
 * Times their files that graphs take once loaded onto the CPU. Weights inside a graph are read, those of 16 bits become 32,
 * and both stay: measured, 3.8 times the starter's files. Weights beside a graph are mapped: measured, 1.04 times those of
 * a denoiser of 0.9 GB in 32 bits; those of 16 bits still become 32. Checkpoints stay mapped as they are: measured, 0.02 GB beside 3.4 of them.
 */
const PROCESSOR_COPIES = { inside: 4, beside: 1.5, mapped: 1.1 };
const CARD_COPIES = { inside: 1, beside: 1, mapped: 1 };

export interface GraphBytes {
  readonly inside: number;
  readonly beside: number;
  /** Of checkpoints' weights: as they are stored, or as they are computed with where they are copied for that. */
  readonly mapped: number;
}

/** Whether a pack's graphs may all stay loaded ("fast"), or text encoder and denoiser take turns ("lean"). */
export function memoryMode(graphs: GraphBytes, device: Device, budget: number): "fast" | "lean" {
  return loadedBytes(graphs, device) > budget ? "lean" : "fast";
}

/** What is left of a device's budget for drawing once a pack's graphs are loaded. */
export function drawingMemory(graphs: GraphBytes, device: Device, budget: number): DeviceMemory {
  // On the starter, four variants took a processor as long together as one after the other; cards wait less in between.
  return { budget: Math.max(0, budget - loadedBytes(graphs, device)), gainsFromBatches: device !== "cpu" };
}

/** Bytes that a model's graphs take on a device. */
export function loadedBytes({ inside, beside, mapped }: GraphBytes, device: Device): number {
  const copies = device === "cpu" ? PROCESSOR_COPIES : CARD_COPIES;
  return inside * copies.inside + beside * copies.beside + mapped * copies.mapped;
}

/** A model that is open, and what its graphs that are built compute in. */
export interface OpenedGraphs {
  readonly files: OpenedWeights & Pick<CheckpointFiles, "builtComponents">;
  readonly precision: Precision | undefined;
  readonly device: Device;
}

/** Bytes of a model's graphs, with the weights they hold, of their external weights and of its checkpoint's. */
export async function graphBytes(places: ModelPlaces, opened?: OpenedGraphs): Promise<GraphBytes> {
  const files = await listModelFiles(places, opened?.files);
  const sum = (kind: RegExp): number =>
    files.filter(({ path }) => kind.test(path)).reduce((total, { size }) => total + size, 0);
  const stored = sum(/\.safetensors$/i);
  return {
    inside: sum(/\.onnx$/),
    beside: sum(/\.(onnx_data|pb|data)$/),
    mapped: stored + (opened ? grownBytes(opened) : 0),
  };
}

/** How much more than their files weights take once loaded. Less than nothing where they are rounded. */
function grownBytes({ files, precision, device }: OpenedGraphs): number {
  const isQuantised = precision === "int8" || precision === "int4";
  // A processor reads what is not rounded as it is stored.
  if (precision === undefined || (device === "cpu" && !isQuantised)) return 0;
  const place = device === "cpu" ? "processor" : "card";
  return [...files.builtComponents].reduce((total, [part, { weights }]) => {
    // Autoencoders overflow in half precision.
    const taken = part === "vae" && precision === "fp16" ? "fp32" : precision;
    return total + weightBytes(weights, part, taken, place) - weightBytes(weights, part, "stored");
  }, 0);
}
