import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import type { PackedFacts, PackedGraphs } from "../../models/packed-graphs.ts";
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
  await store.add(key, { graph: name, runtime, sources }, (file) => writePackedGraph(graph, root, file));
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

/** Whether there is anything to gain: convolutions gain from another layout, and denoisers and autoencoders are full of them. */
export function isWorthPacking({ nodes }: OnnxGraph): boolean {
  return nodes.some(({ operator }) => operator === "Conv");
}

/** Bytes that the weights of a graph take in 32 bits. */
export function singleBytes({ initializers }: OnnxGraph): number {
  let bytes = 0;
  for (const each of initializers)
    if (each.kind === "external") bytes += 4 * each.tensor.dims.reduce((product, size) => product * size, 1);
  return bytes;
}
