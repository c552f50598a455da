import type { StoredType, TensorRef } from "../../protocol/tensor-ref.ts";

/** Element types of a graph's values, as ONNX Runtime calls them. */
export type ElementType =
  | "float32"
  | "uint8"
  | "int8"
  | "int32"
  | "int64"
  | "bool"
  | "float16"
  | "float64"
  | "bfloat16";

/** An operator's attribute. Plain numbers are integers; ONNX tells 1 and 1.0 apart. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** One operation. Names of values are unique in a graph; an empty input name leaves an optional input out. */
export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: "" | "com.microsoft";
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant that travels inside the graph: row-major, little-endian. */
export interface InlineInitializer {
  readonly kind: "inline";
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

/** A weight that stays in the checkpoint's file. */
export interface ExternalInitializer {
  readonly kind: "external";
  readonly name: string;
  readonly tensor: TensorRef;
}

export type Initializer = InlineInitializer | ExternalInitializer;

/** What a graph declares for an input or output. Dimensions that are free have a name; the same name, the same size. */
export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** A network as data: what the writer encodes and a runtime runs. */
export interface OnnxGraph {
  /** Version of ONNX's operator set. */
  readonly opset: number;
  /** In an order in which every value comes before its use. */
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

/** Element types of tensors in files. */
export const storedElementType: Readonly<Record<StoredType, ElementType>> = {
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F64: "float64",
  I64: "int64",
  I32: "int32",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** Numbers of ONNX's TensorProto.DataType, which the operator Cast names its target by. */
export const onnxTypeCode: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};
