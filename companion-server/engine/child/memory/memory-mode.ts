import type { CheckpointFiles } from "../../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import {
  computedIn,
  heldTogether,
  type LoadedWeights,
  PROGRAM_BYTES,
  turnsOf,
} from "../../../../shared/planning/memory/model-memory.ts";
import type { DeviceMemory } from "../../../../shared/planning/plans/memory-ladder.ts";
import type { Device } from "../../../../shared/protocol/api.ts";
import type { Precision } from "../../../../shared/protocol/models/precision.ts";
import { weightBytes } from "../../../models/describe-files.ts";
import { listModelFiles, type OpenedWeights } from "../../../models/files/list-pack-files.ts";
import type { ModelPlaces } from "../../../models/model-place.ts";

/**
 * Times their files that graphs take once loaded onto the CPU. Weights inside a graph are read, those of 16 bits become 32,
 * and both stay: measured, 3.8 times the starter's files. Weights beside a graph are mapped: measured, 1.04 times those of
 * a denoiser of 0.9 GB in 32 bits; those of 16 bits still become 32. Checkpoints stay mapped as they are: measured, 0.02 GB beside 3.4 of them.
 */
const PROCESSOR_COPIES = { inside: 4, beside: 1.5, mapped: 1.1 };
const CARD_COPIES = { inside: 1, beside: 1, mapped: 1 };

/** Whether a model's networks may all stay loaded ("fast"), or take turns ("lean"). */
export function memoryMode(weights: LoadedWeights, budget: number): "fast" | "lean" {
  return heldTogether(weights) + PROGRAM_BYTES > budget ? "lean" : "fast";
}

/** Bytes that a model's networks take at most at the same time. */
export function heldBytes(weights: LoadedWeights, budget: number): number {
  return memoryMode(weights, budget) === "lean" ? Math.max(...Object.values(turnsOf(weights))) : heldTogether(weights);
}

/** What is left of a device's budget for drawing beside a model's networks. */
export function drawingMemory(weights: LoadedWeights, device: Device, budget: number): DeviceMemory {
  const isLean = memoryMode(weights, budget) === "lean";
  const held = isLean ? 0 : heldTogether(weights);
  // On the starter, four variants took a processor as long together as one after the other; cards wait less in between.
  return {
    budget: Math.max(0, budget - held - PROGRAM_BYTES),
    ...(isLean && { turns: turnsOf(weights) }),
    gainsFromBatches: device !== "cpu",
  };
}

/** A model that is open, and what its graphs that are built compute in. */
export interface OpenedGraphs {
  readonly files: OpenedWeights & Pick<CheckpointFiles, "builtComponents">;
  readonly precision: Precision | undefined;
  readonly device: Device;
}

/** What each of a model's networks takes on a device once it is loaded. */
export async function loadedWeights(places: ModelPlaces, opened: OpenedGraphs): Promise<LoadedWeights> {
  const { files, precision, device } = opened;
  const copies = device === "cpu" ? PROCESSOR_COPIES : CARD_COPIES;
  const loaded = new Map<string, number>();
  for (const [network, { weights }] of files.builtComponents)
    loaded.set(
      network,
      copies.mapped * weightBytes(weights, network, builtIn(network, precision, device), placeOf(device)),
    );
  for (const { name, size } of await listModelFiles(places, files)) {
    const kind = /\.onnx$/.test(name) ? "inside" : /\.(onnx_data|pb|data)$/.test(name) ? "beside" : undefined;
    if (kind === undefined) continue;
    // One that is borrowed lies in the folder of its own pack: ../PACK/unet/model.onnx.
    const network = name.replace(/^(\.\.\/[^/]+\/)?/, "").replace(/\/.*$/, "");
    loaded.set(network, (loaded.get(network) ?? 0) + copies[kind] * size);
  }
  return loaded;
}

function builtIn(network: string, precision: Precision | undefined, device: Device): Precision | "stored" {
  const isQuantised = precision === "int8" || precision === "int4";
  // A processor reads what is not rounded as it is stored.
  if (precision === undefined || (device === "cpu" && !isQuantised)) return "stored";
  return computedIn(network, precision);
}

function placeOf(device: Device): "processor" | "card" {
  return device === "cpu" ? "processor" : "card";
}
