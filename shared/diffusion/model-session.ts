/** Element types that cross the port. float16 travels as its 16 raw bits. */
export type TensorType = "float32" | "float16" | "int64" | "int32" | "uint8" | "bool";

/** A dense row-major tensor on the host. */
export interface Tensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** Float32Array, Uint16Array (float16), BigInt64Array, Int32Array or Uint8Array (uint8, bool). */
  readonly data: Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array;
}

/** What a graph declares for one input or output. Symbolic dimensions are strings. */
export interface ValueInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly (number | string)[];
}

/**
 * One loaded graph: the only thing the core knows of an inference runtime. Implemented over onnxruntime-node in the
 * companion and over onnxruntime-web in the browser.
 */
export interface ModelSession {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Runs the graph. Outputs own their data. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees the graph and its weights. Calling it twice is harmless; running afterwards is an error. */
  release(): Promise<void>;
}
