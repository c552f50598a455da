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
}

/** For ONNX Runtime on a CPU, natively and in WebAssembly. */
export const cpuProfile: GraphProfile = {
  attention: "fused",
  compute: "float32",
  norms: "compute",
  operators: "contrib",
};

/** ONNX's own operators alone, in single precision: for any runtime, and the yardstick for the others. */
export const plainProfile: GraphProfile = {
  attention: "plain",
  compute: "float32",
  norms: "compute",
  operators: "onnx",
};
