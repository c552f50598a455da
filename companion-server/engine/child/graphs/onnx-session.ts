import { dirname, posix } from "node:path";
import { env, InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { ModelSession, Tensor, TensorType, ValueInfo } from "../../../../shared/diffusion/model-session.ts";
import type { Device } from "../../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import { PACKED_WEIGHTS } from "../../../models/caches/packed-graphs.ts";
import { cardOfProcess } from "../../card-variable.ts";
import { isOutOfMemory, missingOperator } from "../devices/runtime-failure.ts";
import { runtimeReason } from "../devices/runtime-reason.ts";

const tensorTypes: readonly string[] = ["float32", "float16", "int64", "int32", "uint8", "bool"] satisfies TensorType[];

export const runtimeVersion = env.versions.node ?? env.versions.common;

/** Warnings of the runtime are about its own optimisations; errors are reported by exceptions. */
const LOG_FATAL_ONLY = 4;

function isTensorType(type: string): type is TensorType {
  return tensorTypes.includes(type);
}

function toValueInfo(metadata: InferenceSession.ValueMetadata): ValueInfo {
  if (!metadata.isTensor || !isTensorType(metadata.type))
    throw new OverpaintError(
      "unsupported-model",
      `The graph's value "${metadata.name}" is ${metadata.isTensor ? metadata.type : "no tensor"}.`,
      `Use a pack whose graphs take ${tensorTypes.join(", ")}.`,
    );
  return { name: metadata.name, type: metadata.type, shape: metadata.shape };
}

/** float16 values are exchanged as their bits: the runtime's own array type for them depends on Node's version. */
function toOnnx({ type, data, dims }: Tensor): OnnxTensor {
  if (type !== "float16") return new OnnxTensor(type, data as Float32Array, dims);
  const HalfArray = (
    globalThis as { Float16Array?: new (buffer: ArrayBufferLike, at: number, length: number) => Uint16Array }
  ).Float16Array;
  const bits = HalfArray === undefined ? data : new HalfArray(data.buffer, data.byteOffset, data.length);
  return new OnnxTensor(type, bits as Uint16Array, dims);
}

function fromOnnx(tensor: OnnxTensor): Tensor {
  const { type, dims } = tensor;
  if (!isTensorType(type)) throw new OverpaintError("unsupported-model", `The graph answered a ${type} tensor.`);
  const { buffer, byteOffset, length } = tensor.data as Uint16Array;
  const data = type === "float16" ? new Uint16Array(buffer, byteOffset, length) : (tensor.data as Float32Array);
  return { type, dims, data };
}

class OnnxSession implements ModelSession {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #session: InferenceSession;
  #isReleased = false;

  constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = session.inputMetadata.map(toValueInfo);
    this.outputs = session.outputMetadata.map(toValueInfo);
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOnnx(tensor)]));
    const outputs = await this.#session.run(inputs).catch((cause) => {
      throw isOutOfMemory(cause) ? outOfMemory("The device ran out of memory while drawing.", cause) : cause;
    });
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOnnx(tensor)]));
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#session.release();
  }
}

function outOfMemory(message: string, cause: unknown): OverpaintError {
  return new OverpaintError(
    "out-of-memory",
    message,
    "Close other programs, paint a smaller area or use a smaller model.",
    {
      cause,
    },
  );
}

/** Weights that stay in files which the graph names. */
export interface MappedWeights {
  /** The folder that the graph's locations are relative to; files outside of it cannot be reached. */
  readonly root: string;
  /** Whether any of them take 16 bits a number. */
  readonly hasHalves: boolean;
  /** Whether any of them are quantised. */
  readonly isQuantised: boolean;
}

/** Both turn weights of 16 bits into copies of 32 when a graph is loaded. */
const FOLDING_OPTIMIZERS = ["ConstantFolding", "FuseFp16InitializerToFp32NodeTransformer"];

/** Those of the basic level that search long and find nothing in graphs that are written in fused operators. */
const IDLE_OPTIMIZERS = [
  "CommonSubexpressionElimination",
  "DoubleQDQPairsRemover",
  "EnsureUniqueDQForNodeUnit",
  "LayerNormFusionL1",
  "MatMulAddFusion",
  "QDQPropagationTransformer",
  "ReshapeFusion",
  "SliceConcatToSpaceToDepthFusion",
  "WeightBiasQuantization",
  "WhereDummyDq",
];

/**
 * Has the runtime leave weights in the files they are mapped from. On a processor it would else lay them out anew in memory
 * of its own: measured at Stable Diffusion 1.5's size, 0.2 s instead of 8.5 s to load and 0.02 GB instead of 3.4, at the price
 * of about 14 % of the speed. Weights of 16 bits are widened as they are used.
 *
 * Quantised weights are laid out anew: they are small, and convolutions of whole numbers take half as long for it.
 */
function mappedOptions(
  { root, hasHalves, isQuantised }: MappedWeights,
  device: Device,
): InferenceSession.SessionOptions {
  const folder = { model_external_initializers_file_folder_path: root };
  if (device !== "cpu") return { extra: { session: folder } };
  const disabled = [...IDLE_OPTIMIZERS, ...(hasHalves ? FOLDING_OPTIMIZERS : [])];
  return {
    // Optimizers of the levels above find nothing either.
    graphOptimizationLevel: "basic",
    // Widened weights come and go; an arena would keep room for all of them.
    ...(hasHalves && { enableCpuMemArena: false }),
    extra: {
      // Processors without VNNI add products of 8 bits in 16, which overflow; there the runtime is to multiply otherwise.
      session: { ...folder, ...(isQuantised ? { x64quantprecision: "1" } : { disable_prepacking: "1" }) },
      optimization: { disable_specified_optimizers: disabled.join(";") },
    },
  };
}

/** As `writePackedGraph` wrote it: the runtime has nothing to change, and maps all weights. */
const packedOptions: InferenceSession.SessionOptions = { graphOptimizationLevel: "disabled" };

/** Has a graph of which anything would be left to the processor fail. */
function undividedOptions(device: Device): InferenceSession.SessionOptions {
  return device === "cpu" ? {} : { extra: { session: { disable_cpu_ep_fallback: "1" } } };
}

/**
 * Writes a graph with its weights as this processor computes fastest: convolutions' in blocks of channels, matrices' packed. One
 * thread, and for a while memory for all weights in 32 bits and as much again where they are stored in 16.
 *
 * @param root as in `MappedWeights`
 */
export async function writePackedGraph(graph: Uint8Array, root: string, file: string): Promise<void> {
  const session = await InferenceSession.create(graph, {
    executionProviders: ["cpu"],
    logSeverityLevel: LOG_FATAL_ONLY,
    intraOpNumThreads: 1,
    graphOptimizationLevel: "all",
    optimizedModelFilePath: file,
    extra: {
      session: {
        model_external_initializers_file_folder_path: root,
        save_external_prepacked_constant_initializers: "1",
        optimized_model_external_initializers_file_name: PACKED_WEIGHTS,
        optimized_model_external_initializers_min_size_in_bytes: "1024",
      },
    },
  });
  await session.release();
}

/** An ML program, which knows half precision and more operators than CoreML's older kind of network, on any of the chip's parts. */
const COREML_ML_PROGRAM = 0x010;

/**
 * What a device is called in the runtime, and how it is to work there. What a provider leaves to the processor, as CUDA does with the
 * arithmetic of shapes, stays allowed (`session.disable_cpu_ep_fallback` is not set): graphs from elsewhere would load nowhere. That
 * convolutions are not among it, the probe makes sure.
 */
function providerOf(device: Device): InferenceSession.ExecutionProviderConfig {
  const card = cardOfProcess();
  switch (device) {
    case "webgpu":
      // In its own preferred layout, NHWC, it miscomputes a convolution over 9 channels, the first of every inpainting
      // model (https://github.com/microsoft/onnxruntime/issues/29651).
      return { name: "webgpu", preferredLayout: "NCHW" };
    case "coreml":
      return { name: "coreml", coreMlFlags: COREML_ML_PROGRAM };
    case "cuda":
    case "dml":
      return card === undefined ? device : { name: device, deviceId: card };
    case "cpu":
      return device;
  }
}

/**
 * Loads the graph at `graph` (a path, so that weights are mapped and not copied; bytes only for tiny graphs and those whose
 * weights are mapped) onto one device and no other: the runtime never falls back by itself. `name` is how messages call the
 * file. Throws `damaged-model`, `out-of-memory` when the device itself is at fault `device-unavailable`, and where nothing has an operator of it `unsupported-model`.
 */
export async function openOnnxSession(
  graph: string | Uint8Array,
  device: Device,
  name: string,
  weights?: MappedWeights | "packed" | "undivided",
): Promise<ModelSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [providerOf(device)],
    logSeverityLevel: LOG_FATAL_ONLY,
    // DirectML supports neither.
    ...(device === "dml" ? { enableMemPattern: false, executionMode: "sequential" } : {}),
    ...(weights === "packed"
      ? packedOptions
      : weights === "undivided"
        ? undividedOptions(device)
        : weights && mappedOptions(weights, device)),
  };
  try {
    const session =
      typeof graph === "string"
        ? await InferenceSession.create(graph, options)
        : await InferenceSession.create(graph, options);
    return new OnnxSession(session);
  } catch (cause) {
    if (cause instanceof OverpaintError) throw cause;
    if (isOutOfMemory(cause)) throw outOfMemory(`${device} has no room for ${name}.`, cause);
    const reason = typeof graph === "string" ? inPack(runtimeReason(cause), graph, name) : runtimeReason(cause);
    const operator = missingOperator(cause);
    if (operator !== undefined) throw lacksOperator(device, operator, name, cause);
    const isFileAtFault = device === "cpu" || (cause instanceof Error && cause.message.startsWith("Load model"));
    throw isFileAtFault
      ? new OverpaintError(
          "damaged-model",
          `The model's file ${name} cannot be loaded: ${reason}`,
          "Restore the file from where the model came from.",
          { cause },
        )
      : new OverpaintError("device-unavailable", `The device ${device} cannot load ${name}: ${reason}`, undefined, {
          cause,
        });
  }
}

/** Another device may have it; where even the processor has not, nothing has. */
function lacksOperator(device: Device, operator: string, name: string, cause: unknown): OverpaintError {
  const [code, remedy] =
    device === "cpu"
      ? (["unsupported-model", "Export the model again with standard operators."] as const)
      : (["device-unavailable", "Draw on another device, with --device cpu for one."] as const);
  return new OverpaintError(code, `${device} has no operator ${operator}, which ${name} uses.`, remedy, { cause });
}

/** Names files as they are called in the pack: where packs lie on this machine is nobody's business. */
function inPack(reason: string, graph: string, name: string): string {
  return reason.replaceAll(graph, name).replaceAll(dirname(graph), posix.dirname(name));
}
