import { openModel } from "../../shared/diffusion/models/open-model.ts";
import type { ErrorData } from "../../shared/protocol/error-data.ts";
import type { ModelFacts } from "../../shared/protocol/models/model-facts.ts";
import { type MeasuredPrecision, type Precision, precisions } from "../../shared/protocol/models/precision.ts";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { TensorRef, WeightSource } from "../../shared/protocol/tensor-ref.ts";
import type { Checkpoint, ComponentName, Fact } from "../../shared/weights/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../shared/weights/checkpoint/open-checkpoint.ts";
import { describeLora, type LoraDescription } from "../../shared/weights/lora/describe-lora.ts";
import { planQuantisedFile } from "../../shared/weights/quantise/quantised-file.ts";
import { readSafetensorsHeader } from "../../shared/weights/safetensors/read-header.ts";
import { recogniseFile } from "../../shared/weights/single-file/recognise.ts";
import { readClipMerges } from "./files/clip-merges.ts";
import { DiskCheckpoint } from "./files/disk-checkpoint.ts";
import { inspectModelFiles } from "./files/open-model-files.ts";
import type { ModelPlaces } from "./model-place.ts";
import type { InstalledPack } from "./place-at.ts";
import type { PrecisionMeasurements } from "./precision-measurements.ts";

/** How much there is of something, and what it takes as it is stored and as it may be computed with. */
export interface WeightsDescription {
  /** Numbers in all tensors. */
  readonly parameters: number;
  /** By element type as safetensors spells it. */
  readonly bytes: Readonly<Record<string, number>>;
  /** In bytes. */
  readonly memory: { readonly stored: number; readonly float16: number; readonly float32: number };
}

export interface PartDescription extends WeightsDescription {
  readonly name: string;
  readonly className: string;
}

/** A precision that the graphs which are built may compute in. */
export interface PrecisionDescription {
  readonly precision: Precision;
  /** What weights take in it. */
  readonly bytes: number;
  readonly measured: MeasuredPrecision | undefined;
}

/** What `overpaint models info` says. */
export interface FilesDescription {
  readonly id: string;
  /** In words: "a model", "a LoRA", "a ControlNet", "a VAE". */
  readonly kind: string;
  /** Of LoRAs only. */
  readonly lora?: LoraDescription;
  readonly layout: "folder" | "single-file";
  readonly weights: WeightsDescription;
  readonly parts: readonly PartDescription[];
  /** Of models whose graphs are built. */
  readonly precisions: readonly PrecisionDescription[];
  readonly measured: PrecisionMeasurements | undefined;
  /** Graphs that are built from config and weights, and those that lie in the folder. */
  readonly graphs: { readonly built: readonly string[]; readonly read: readonly string[] };
  /** What was found out about a checkpoint, and by what. */
  readonly found: readonly Fact[];
  /** What it lacks for drawing. */
  readonly problems: readonly ErrorData[];
  /** Absent where it cannot draw as it is. */
  readonly facts: ModelFacts | undefined;
}

/** Reads headers and configs. Throws OverpaintError `damaged-model` or `unsupported-model` for files that cannot be read at all. */
export async function describeFiles(
  { id, ...places }: InstalledPack,
  measured?: PrecisionMeasurements,
): Promise<FilesDescription> {
  const disk = new DiskCheckpoint(places);
  const layout = places.file === undefined ? "folder" : "single-file";
  if (places.file !== undefined) {
    const header = await readSafetensorsHeader(disk, places.file);
    const { kind, words } = recogniseFile(header);
    if (kind !== "model") {
      const lora = kind === "lora" && { lora: describeLora(header) };
      const nothing = {
        parts: [],
        precisions: [],
        measured: undefined,
        graphs: { built: [], read: [] },
        found: [],
        problems: [],
        facts: undefined,
      };
      return { id, kind: words, layout, ...lora, weights: countWeights(header.tensors.values()), ...nothing };
    }
  }
  const checkpoint = await openHeaders(places, disk);
  const drawing = await describeDrawing(places);
  const parts = [...(checkpoint?.components ?? [])].map(([name, { className, weights }]) => {
    const tensors = [...weights.names()].flatMap((tensor) => weights.find(tensor) ?? []);
    return { name, className, tensors };
  });
  return {
    id,
    kind: "a model",
    layout,
    weights: countWeights(parts.flatMap(({ tensors }) => tensors)),
    parts: parts.map(({ tensors, ...part }) => ({ ...part, ...countWeights(tensors) })),
    precisions: drawing.graphs.built.length > 0 ? describePrecisions(checkpoint, measured) : [],
    measured,
    found: checkpoint?.facts ?? [],
    ...drawing,
  };
}

/** Undefined for a folder of ONNX graphs alone. */
async function openHeaders({ file }: ModelPlaces, disk: DiskCheckpoint): Promise<Checkpoint | undefined> {
  const options = { file, clipMerges: readClipMerges };
  if (file !== undefined) return await openCheckpoint(disk, options);
  return await openCheckpoint(disk, options).catch(() => undefined);
}

async function describeDrawing(places: ModelPlaces): Promise<Pick<FilesDescription, "facts" | "graphs" | "problems">> {
  try {
    const files = await inspectModelFiles(places);
    const { facts, graphs } = await openModel(files);
    const built = graphs.filter((path) => files.isBuilt(path));
    for (const path of graphs) await files.readDeclaration(path);
    return { facts, graphs: { built, read: graphs.filter((path) => !built.includes(path)) }, problems: [] };
  } catch (error) {
    return { facts: undefined, graphs: { built: [], read: [] }, problems: [toErrorData(error)] };
  }
}

function describePrecisions(
  checkpoint: Checkpoint | undefined,
  measured: PrecisionMeasurements | undefined,
): readonly PrecisionDescription[] {
  const parts = [...(checkpoint?.components ?? [])];
  return precisions.map((precision) => ({
    precision,
    bytes: parts.reduce((sum, [name, { weights }]) => sum + weightBytes(weights, name, precision), 0),
    measured: measured?.precisions.find((each) => each.precision === precision),
  }));
}

/**
 * Bytes of a part's weights in a precision. What is not quantised counts as it is stored; convolutions are quantised on processors
 * alone.
 */
export function weightBytes(
  weights: WeightSource,
  part: ComponentName,
  precision: Precision | "stored",
  device: "processor" | "card" = "processor",
): number {
  const tensors = [...weights.names()].flatMap((name) => weights.find(name) ?? []);
  const { memory } = countWeights(tensors);
  if (precision === "stored") return memory.stored;
  if (precision === "fp32" || precision === "fp16") return memory[precision === "fp32" ? "float32" : "float16"];
  if (part === "vae") return memory.stored;
  const planned = planQuantisedFile(weights, part, precision === "int8" ? 8 : 4, {
    convolutions: precision === "int8" && part === "unet" && device === "processor",
  });
  const replaced = [...planned.sources.values()].reduce((sum, { length }) => sum + length, 0);
  return memory.stored - replaced + planned.size;
}

function countWeights(tensors: Iterable<TensorRef>): WeightsDescription {
  const bytes: Record<string, number> = {};
  let [parameters, stored] = [0, 0];
  for (const { type, dims, length } of tensors) {
    parameters += dims.reduce((product, size) => product * size, 1);
    bytes[type] = (bytes[type] ?? 0) + length;
    stored += length;
  }
  return { parameters, bytes, memory: { stored, float16: 2 * parameters, float32: 4 * parameters } };
}
