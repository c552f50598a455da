import type { DeviceMemory } from "../../../shared/planning/plans/memory-ladder.ts";
import type { Device } from "../../../shared/protocol/api.ts";
import type { Precision } from "../../../shared/protocol/precision.ts";
import { listModelFiles, type OpenedWeights } from "../../models/list-pack-files.ts";
import type { ModelPlaces } from "../../models/model-place.ts";

/**
 * Times their files that graphs take once loaded onto the CPU. Weights inside a graph are read, those of 16 bits become 32,
 * and both stay: measured, 3.8 times the starter's files. Weights beside a graph are mapped: measured, 1.04 times those of
 * a denoiser of 0.9 GB in 32 bits; those of 16 bits still become 32. Checkpoints stay mapped as they are: measured, 0.02 GB beside 3.4 of them.
 */
const PROCESSOR_COPIES = { inside: 4, beside: 1.5, mapped: 1.1 };
/** Most checkpoints are stored in 16 bits: on a card they take as much, or in single precision twice that. */
const CARD_COPIES = { inside: 1, beside: 1, mapped: 1 };
const CARD_COPIES_IN_SINGLE = { ...CARD_COPIES, mapped: 2 };

/** Of weights of 16 bits, in blocks of 32 with a scale each; tables, norms and autoencoders stay as they are. */
const QUANTISED_SHARE = { int8: 0.6, int4: 0.35 };

export interface GraphBytes {
  readonly inside: number;
  readonly beside: number;
  /** Of checkpoints' weights, in safetensors. */
  readonly mapped: number;
  /** What is computed over these. */
  readonly precision?: Precision | undefined;
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

function loadedBytes({ inside, beside, mapped, precision }: GraphBytes, device: Device): number {
  const onCard = precision === "fp32" ? CARD_COPIES_IN_SINGLE : CARD_COPIES;
  const copies = device === "cpu" ? PROCESSOR_COPIES : onCard;
  const share = precision === "int8" || precision === "int4" ? QUANTISED_SHARE[precision] : 1;
  return inside * copies.inside + beside * copies.beside + mapped * copies.mapped * share;
}

/** Bytes of a model's graphs, with the weights they hold, of their external weights and of its checkpoint's. */
export async function graphBytes(places: ModelPlaces, opened?: OpenedWeights): Promise<GraphBytes> {
  const files = await listModelFiles(places, opened);
  const sum = (kind: RegExp): number =>
    files.filter(({ path }) => kind.test(path)).reduce((total, { size }) => total + size, 0);
  return { inside: sum(/\.onnx$/), beside: sum(/\.(onnx_data|pb|data)$/), mapped: sum(/\.safetensors$/i) };
}
