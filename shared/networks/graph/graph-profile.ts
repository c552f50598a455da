/**
 * How a graph is written for the place it runs in: the same network in other operators. Which profile suits an execution
 * provider is known where sessions are opened; what each choice costs is in the comments.
 */
export interface GraphProfile {
  /**
   * "fused" is com.microsoft's MultiHeadAttention, which never holds a whole score matrix: less memory, and faster on GPUs.
   * "plain" is MatMul, Softmax, MatMul: every provider has them, and none is known to miscompute them.
   */
  readonly attention: "fused" | "plain";
  /** What numbers are computed in. Inputs and outputs are float32 either way. */
  readonly compute: "float32" | "float16";
  /** Sums over thousands of squares overflow half precision (65,504) in some autoencoders: norms may stay in single. */
  readonly norms: "float32" | "compute";
  /**
   * "contrib" takes ONNX Runtime's own operators where they spare passes over memory: Gelu, QuickGelu (of which SiLU is a case),
   * RotaryEmbedding, SimplifiedLayerNormalization; "onnx" takes ONNX's Gelu and spells the others out.
   */
  readonly operators: "contrib" | "onnx";
  /**
   * How rows are picked from tables of embeddings that are stored in 16 bits. "stored" casts the rows that were picked; "cast"
   * casts the table when the graph is opened, for devices that cannot touch such numbers: twice its memory.
   */
  readonly tables: "stored" | "cast";
}

/** For ONNX Runtime on a CPU, natively. */
export const cpuProfile: GraphProfile = {
  attention: "fused",
  compute: "float32",
  norms: "compute",
  operators: "contrib",
  tables: "stored",
};

/**
 * In WebAssembly fused attention is no faster, and holds the scores as well. Besides, it reckons its work in 32 bits: at
 * 2 · head width · queries · keys = 2³¹ a run ends in "Integer overflow", such as the autoencoder's of a picture of 312 × 312.
 */
export const wasmProfile: GraphProfile = { ...cpuProfile, attention: "plain" };

/** What suits a CPU, in half precision, as processors of graphics are fastest in. */
export function inHalf(profile: GraphProfile): GraphProfile {
  return { ...profile, compute: "float16", norms: "float32" };
}

export function inSingle(profile: GraphProfile): GraphProfile {
  return { ...profile, compute: "float32", norms: "compute" };
}

/** ONNX's own operators alone, in single precision: for any runtime, and the yardstick for the others. */
export const plainProfile: GraphProfile = {
  attention: "plain",
  compute: "float32",
  norms: "compute",
  operators: "onnx",
  tables: "stored",
};
