import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { type OnnxGraph, onnxTypeCode } from "../../../../shared/networks/graph/onnx-graph.ts";
import type { StoredType } from "../../../../shared/protocol/tensor-ref.ts";
import type { PackedFacts, PackedGraphs } from "../../../models/caches/packed-graphs.ts";
import { writePackedGraph } from "./onnx-session.ts";

/** A graph over mapped weights, with what it takes to pack it. */
export interface PackableGraph extends Pick<PackedFacts, "runtime" | "sources"> {
  readonly key: string;
  readonly name: string;
  /** As ONNX, its weights in files below `root`. */
  readonly graph: Uint8Array;
  readonly root: string;
  /** Its weights take in 32 bits. */
  readonly bytes: number;
}

/** Writes the packed graph into a store. */
export async function packGraph(
  store: PackedGraphs,
  { key, name, runtime, sources, graph, root }: PackableGraph,
): Promise<void> {
  await store.add(key, { graph: name, runtime, sources: [...sources] }, (file) => writePackedGraph(graph, root, file));
}

/** Layouts suit a processor's vector units, and are a runtime's own affair. */
export function runtimeAndProcessor(runtimeVersion: string, processorFlags = readProcessorFlags()): string {
  const features = createHash("sha256").update(processorFlags).digest("hex").slice(0, 16);
  return `onnxruntime-node ${runtimeVersion}, ${platform()}-${arch()}, ${cpus()[0]?.model.trim()}, ${features}`;
}

function readProcessorFlags(): string {
  const file = "/proc/cpuinfo";
  if (!existsSync(file)) return "";
  return /^(flags|Features)\s*:.*$/m.exec(readFileSync(file, "utf8"))?.[0] ?? "";
}

/**
 * Whether there is anything to gain: convolutions gain from another layout, and denoisers and autoencoders are full of them. Those
 * of quantised graphs are of whole numbers, and laid out when they are opened; half precision is none of the processor's own.
 */
export function isWorthPacking(graph: OnnxGraph): boolean {
  const isHalf = graph.nodes.some(({ operator, attributes }) => operator === "Cast" && attributes.to === HALF);
  return !isHalf && !isQuantised(graph) && graph.nodes.some(({ operator }) => operator === "Conv");
}

const HALF = onnxTypeCode.float16;

/** Whether any of a graph's weights are quantised. */
export function isQuantised(graph: OnnxGraph): boolean {
  return holdsAny(graph, ["I8", "U8"]);
}

/** Whether any of a graph's weights are stored in one of these types. */
export function holdsAny({ initializers }: OnnxGraph, types: readonly StoredType[]): boolean {
  return initializers.some((each) => each.kind === "external" && types.includes(each.tensor.type));
}

/** Bytes that the weights of a graph take in 32 bits. */
export function singleBytes({ initializers }: OnnxGraph): number {
  let bytes = 0;
  for (const each of initializers)
    if (each.kind === "external") bytes += 4 * each.tensor.dims.reduce((product, size) => product * size, 1);
  return bytes;
}
