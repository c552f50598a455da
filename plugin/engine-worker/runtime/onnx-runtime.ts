import type * as Onnx from "onnxruntime-web";
import webgpuBinaryUrl from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmBinaryUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import type { ModelSession, Tensor, TensorType, ValueInfo } from "../../../shared/diffusion/model-session.ts";
import { GraphBuilder } from "../../../shared/networks/graph/graph-builder.ts";
import { encodeOnnx } from "../../../shared/networks/graph/onnx-writer.ts";
import type { BrowserDevice } from "../../../shared/protocol/engine-worker-api.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { FoundFile } from "../files/found-file.ts";
import { type AdapterLimits, requireFitting } from "./adapter-limits.ts";
import { readGraph } from "./read-graph.ts";
import { openingError, runningError } from "./runtime-errors.ts";

/** A file of weights that a graph refers to by name. */
export interface ExternalWeights {
  readonly path: string;
  readonly data: Uint8Array;
}

/** onnxruntime-web on one device. */
export interface OnnxRuntime {
  readonly device: BrowserDevice["device"];
  /** That compute what the processor does. */
  readonly threads: number;
  /** Whether its shaders take half precision. */
  readonly hasHalf: boolean;
  /** Name and version, for the recipe. */
  readonly provider: string;
  /**
   * Loads a graph; `name` is how messages call its file. Throws `damaged-model`, `unsupported-model` (also of a graph that this
   * device cannot take and another may), `out-of-memory`
   * or, where the graphics device itself may be at fault, `device-unavailable`.
   */
  openSession(name: string, graph: Uint8Array, weights: readonly ExternalWeights[]): Promise<ModelSession>;
}

const tensorTypes: readonly string[] = ["float32", "float16", "int64", "int32", "uint8", "bool"] satisfies TensorType[];

/** Warnings of the runtime are about its own optimisations; errors are reported by exceptions. */
const LOG_FATAL_ONLY = 4;

/**
 * In its own preferred layout, NHWC, the provider miscomputes a convolution over 9 channels, the first of every
 * inpainting model (https://github.com/microsoft/onnxruntime/issues/29651).
 */
const webgpuProvider = { name: "webgpu", preferredLayout: "NCHW" } as const;

/** More gain little: memory is what they wait for. */
const MOST_THREADS = 4;

/**
 * Starts the runtime, whose binary `find` brings. Both builds keep their code in a .wasm beside this script, so nothing is fetched from elsewhere.
 *
 * WebGPU uses the build with the native C++ provider (Asyncify). The default build's JavaScript kernels (JSEP) reject a
 * convolution that leaves `dilations` to its default, and the JSPI build runs in Chromium only.
 */
export async function startOnnxRuntime(
  device: BrowserDevice["device"],
  find: (address: URL) => Promise<FoundFile | undefined>,
): Promise<OnnxRuntime> {
  const onnx: typeof Onnx =
    device === "webgpu" ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
  // Threads share memory, which browsers allow in pages that are cross-origin isolated.
  const threads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
  onnx.env.wasm.numThreads = threads;
  const binary = await find(new URL(device === "webgpu" ? webgpuBinaryUrl : wasmBinaryUrl, import.meta.url));
  if (binary === undefined) throw new OverpaintError("device-unavailable", "The runtime's file is missing.");
  onnx.env.wasm.wasmBinary = await binary.content.arrayBuffer();
  const inTurn = taskChain();
  const executionProviders = [device === "webgpu" ? webgpuProvider : device];
  const limits = device === "webgpu" ? await adapterLimits() : undefined;
  let keeper: Promise<void> | undefined;
  const keepShaders = async () => {
    await onnx.InferenceSession.create(emptyGraph(), { executionProviders });
    void endWithDevice(onnx);
  };

  return {
    device,
    threads,
    hasHalf: limits?.hasHalf === true,
    provider: `onnxruntime-web ${onnx.env.versions.web}`,
    openSession: (name, graph, weights) =>
      inTurn(async () => {
        try {
          if (limits) requireFitting(name, readGraph(graph), limits);
          // With the last session the provider gives up the shaders it has compiled: one that computes nothing keeps them.
          if (device === "webgpu") keeper ??= keepShaders();
          await keeper;
          const session = await onnx.InferenceSession.create(graph, {
            executionProviders,
            externalData: [...weights],
            logSeverityLevel: LOG_FATAL_ONLY,
          });
          return new OnnxSession(onnx, session, device, inTurn);
        } catch (cause) {
          throw openingError(name, device, cause);
        }
      }),
  };
}

/** Ends the worker when its graphics device is lost: what runs on that may never answer. The panel starts another worker. */
async function endWithDevice(onnx: typeof Onnx): Promise<void> {
  const { message } = await (await onnx.env.webgpu.device).lost;
  setTimeout(() => {
    throw new Error(`the graphics device was lost${message && ` (${message})`}`);
  });
}

async function adapterLimits(): Promise<AdapterLimits> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  return {
    hasHalf: adapter?.features.has("shader-f16") === true,
    largestBinding: adapter?.limits.maxStorageBufferBindingSize ?? 0,
  };
}

/** A number in, the same number out. */
function emptyGraph(): Uint8Array {
  const builder = new GraphBuilder({ find: () => undefined, names: () => [] });
  builder.floatOutput("same", builder.floatInput("number", [1]), [1]);
  return encodeOnnx(builder.build(), String);
}

/** Runs tasks one after the other: the runtime refuses a second one while the first is at work, even in another session. */
function taskChain(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

class OnnxSession implements ModelSession {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #onnx: typeof Onnx;
  readonly #session: Onnx.InferenceSession;
  readonly #device: BrowserDevice["device"];
  readonly #inTurn: ReturnType<typeof taskChain>;
  #isReleased = false;

  constructor(
    onnx: typeof Onnx,
    session: Onnx.InferenceSession,
    device: BrowserDevice["device"],
    inTurn: ReturnType<typeof taskChain>,
  ) {
    this.inputs = session.inputMetadata.map(toValueInfo);
    this.outputs = session.outputMetadata.map(toValueInfo);
    this.#onnx = onnx;
    this.#session = session;
    this.#device = device;
    this.#inTurn = inTurn;
  }

  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    return this.#inTurn(async () => {
      const inputs = mapValues(feeds, (tensor) => toOnnx(this.#onnx, tensor));
      const outputs = await this.#session.run(inputs).catch((cause: unknown) => {
        throw runningError(this.#device, cause);
      });
      return mapValues(outputs, fromOnnx);
    });
  }

  release(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isReleased) return;
      this.#isReleased = true;
      await this.#session.release();
    });
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function isTensorType(type: string): type is TensorType {
  return tensorTypes.includes(type);
}

function toValueInfo(metadata: Onnx.InferenceSession.ValueMetadata): ValueInfo {
  if (!metadata.isTensor || !isTensorType(metadata.type))
    throw new OverpaintError(
      "unsupported-model",
      `The graph's value "${metadata.name}" is ${metadata.isTensor ? metadata.type : "no tensor"}.`,
      `Use a pack whose graphs take ${tensorTypes.join(", ")}.`,
    );
  return { name: metadata.name, type: metadata.type, shape: metadata.shape };
}

/** The type of array in which the runtime keeps float16: the browser's own where there is one, else the raw bits. */
type HalfArrayConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Uint16Array;
const HalfArray = (globalThis as { Float16Array?: HalfArrayConstructor }).Float16Array ?? Uint16Array;

function toOnnx(onnx: typeof Onnx, { type, data, dims }: Tensor): Onnx.Tensor {
  const stored = type === "float16" ? new HalfArray(data.buffer, data.byteOffset, data.length) : data;
  return new onnx.Tensor(type, stored as Float32Array, dims);
}

function fromOnnx(tensor: Onnx.Tensor): Tensor {
  const { type, dims } = tensor;
  if (!isTensorType(type)) throw new OverpaintError("unsupported-model", `The graph answered a ${type} tensor.`);
  const data = tensor.data as Uint16Array;
  return { type, dims, data: type === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data };
}
