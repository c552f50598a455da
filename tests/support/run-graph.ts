import { parse, relative, resolve } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { OnnxGraph } from "../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../shared/networks/graph/onnx-writer.ts";

export interface GraphTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint8Array;
}

/** Two threads: machines that run tests have few cores and several tests. */
const THREADS = 2;
const LOG_FATAL_ONLY = 4;

/** Runs a graph over weights where they lie, on the CPU. Answers its outputs of float32. */
export async function runGraph(
  graph: OnnxGraph,
  feeds: Readonly<Record<string, GraphTensor>>,
): Promise<ReadonlyMap<string, GraphTensor & { readonly data: Float32Array }>> {
  const { root } = parse(resolve("."));
  const model = encodeOnnx(graph, (file) => relative(root, resolve(file)).replaceAll("\\", "/"));
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: THREADS,
    logSeverityLevel: LOG_FATAL_ONLY,
    extra: { session: { model_external_initializers_file_folder_path: root } },
  });
  try {
    const inputs = Object.entries(feeds).map(([name, { data, dims }]) => [name, toTensor(data, dims)] as const);
    const outputs = await session.run(Object.fromEntries(inputs));
    const floats = Object.entries(outputs).filter(([, { type }]) => type === "float32");
    return new Map(floats.map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]));
  } finally {
    await session.release();
  }
}

function toTensor(data: GraphTensor["data"], dims: readonly number[]): Tensor {
  if (data instanceof Float32Array) return new Tensor("float32", data, dims);
  if (data instanceof Uint8Array) return new Tensor("bool", data, dims);
  if (data instanceof Int32Array) return new Tensor("int32", data, dims);
  return new Tensor("int64", data, dims);
}
