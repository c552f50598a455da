import type { LayerChange, LayerChanges } from "../../protocol/layer-change.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorRef, WeightSource } from "../../protocol/tensor-ref.ts";
import { cpuProfile, type GraphProfile } from "./graph-profile.ts";
import {
  type Attribute,
  type ElementType,
  type GraphNode,
  type GraphValue,
  type Initializer,
  type OnnxGraph,
  onnxTypeCode,
  storedElementType,
} from "./onnx-graph.ts";
import type { QuantisedWeights } from "./quantised-layers.ts";

/** A value in a graph that is being built: the result of a node, an input, a constant or a weight. */
export type Value = string & { readonly __brand: "Value" };

/** Stands for an optional input that is left out. */
export const ABSENT = "" as Value;

export interface GraphBuilderOptions {
  /** `cpuProfile` unless given. */
  readonly profile?: GraphProfile | undefined;
  /** What LoRAs and their relatives make of layers. */
  readonly changes?: LayerChanges | undefined;
  readonly quantised?: QuantisedWeights | undefined;
  /** Adds outputs that tell the smallest and largest values at convolutions, `rangeOutput` each. */
  readonly tellsRanges?: boolean | undefined;
}

/** What the output is called that tells the range of a layer's input or output: [smallest, largest]. */
export function rangeOutput(layer: string, of: "input" | "output"): string {
  return `range of the ${of} of ${layer}`;
}

/** The first operator set with everything used here, and the first with Gelu. The lower the number, the more runtimes. */
const OPSET = 18;
const OPSET_OF_GELU = 20;

const UNCHANGED: LayerChange = { type: "pairs", pairs: [] };

/**
 * Collects the nodes of one network. Layers are functions that take a builder and values and answer values.
 *
 * All operators used are pure, so asking twice for the same operation on the same values gives the same value: a layer may
 * spell out `SiLU(time embedding)` where it needs it, and the graph computes it once.
 */
export class GraphBuilder {
  readonly profile: GraphProfile;
  readonly quantised: QuantisedWeights | undefined;
  readonly #tellsRanges: boolean;
  readonly #weights: WeightSource;
  readonly #changes: LayerChanges;
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  /** Layers of LoRAs that were asked for. */
  readonly #changedLayers = new Set<string>();
  /** Values by what they were made of. */
  readonly #known = new Map<string, Value>();

  constructor(
    weights: WeightSource,
    { profile = cpuProfile, changes = new Map(), quantised, tellsRanges = false }: GraphBuilderOptions = {},
  ) {
    this.profile = profile;
    this.quantised = quantised;
    this.#tellsRanges = tellsRanges;
    this.#weights = weights;
    this.#changes = changes;
  }

  /** A node of ONNX's own operators. */
  op(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.#node("", operator, inputs, attributes);
  }

  /** A node of com.microsoft's operators, which ONNX Runtime has beside ONNX's. */
  contrib(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.#node("com.microsoft", operator, inputs, attributes);
  }

  add(left: Value, right: Value): Value {
    return this.op("Add", [left, right]);
  }

  multiply(left: Value, right: Value): Value {
    return this.op("Mul", [left, right]);
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.op("Concat", values, { axis });
  }

  cast(value: Value, type: ElementType): Value {
    return this.op("Cast", [value], { to: onnxTypeCode[type] });
  }

  /** float32 as what the graph computes in. */
  toCompute(value: Value): Value {
    return this.profile.compute === "float32" ? value : this.cast(value, this.profile.compute);
  }

  /** A list of integers, such as axes or a shape. */
  ints(...values: number[]): Value {
    return this.#integers(values, [values.length]);
  }

  /** One integer, of no dimension. */
  int(value: number): Value {
    return this.#integers([value], []);
  }

  /** One integer of 8 bits, of no dimension. */
  int8(value: number): Value {
    return this.#constant("int8", [], new Uint8Array(Int8Array.of(value).buffer));
  }

  /** A tensor of numbers, in single precision. */
  floats(values: ArrayLike<number>, dims: readonly number[]): Value {
    const data = Float32Array.from(values);
    return this.#constant("float32", dims, new Uint8Array(data.buffer));
  }

  /** A number of no dimension, in what the graph computes in. */
  number(value: number): Value {
    return this.toCompute(this.floats([value], []));
  }

  /** Declares an input. Free dimensions have names. */
  input(name: string, type: ElementType, shape: GraphValue["shape"]): Value {
    this.#inputs.push({ name, type, shape });
    return name as Value;
  }

  /** Declares an input of float32, and answers it in what the graph computes in. */
  floatInput(name: string, shape: GraphValue["shape"]): Value {
    return this.toCompute(this.input(name, "float32", shape));
  }

  /** Declares an output of float32 for a value in what the graph computes in. */
  floatOutput(name: string, value: Value, shape: GraphValue["shape"]): void {
    this.#outputs.push({ name, type: "float32", shape });
    const isSingle = this.profile.compute === "float32";
    this.#nodes.push({
      name,
      operator: isSingle ? "Identity" : "Cast",
      domain: "",
      inputs: [value],
      outputs: [name],
      attributes: isSingle ? {} : { to: onnxTypeCode.float32 },
    });
  }

  has(name: string): boolean {
    return this.#weights.find(name) !== undefined;
  }

  /**
   * Where a weight lies, in the shape that the config gives it: 1×1 convolutions and matrices are stored as either.
   * Throws OverpaintError `damaged-model` when the checkpoint lacks it or has it in another shape.
   *
   * @param dims As PyTorch has them, [out, in, …kernel]. Undefined stands for a size that only the weights tell.
   */
  tensor(name: string, dims: readonly (number | undefined)[]): TensorRef {
    const stored = this.#find(name);
    const asked = stored.isTransposed ? dims.toReversed() : dims;
    const found = withoutKernel(stored.dims);
    const wanted = withoutKernel(asked);
    const fits =
      found.length === wanted.length && wanted.every((size, axis) => size === undefined || size === found[axis]);
    if (fits) return { ...stored, dims: [...found, ...asked.slice(wanted.length).map(() => 1)] };
    throw new OverpaintError(
      "damaged-model",
      `The model's weight "${name}" has the shape ${stored.dims.join("×")}; its config asks for ${asked.map((size) => size ?? "?").join("×")}.`,
      "The config and the weights belong to different models. Install the model again.",
    );
  }

  #find(name: string): TensorRef {
    const tensor = this.#weights.find(name);
    if (tensor) return tensor;
    throw new OverpaintError(
      "damaged-model",
      `The model's weights lack "${name}".`,
      "The file is incomplete or belongs to another model. Download it again, or choose the matching config.json.",
    );
  }

  /** A weight by its name and shape, in what the graph computes in. Throws as `tensor` does. */
  weight(name: string, dims: readonly (number | undefined)[]): Value {
    return this.weightAt(name, this.tensor(name, dims));
  }

  /** A weight, or a view of one, in what the graph computes in. `name` is what it is called in the graph. */
  weightAt(name: string, tensor: TensorRef, type: ElementType = this.profile.compute): Value {
    const value = this.storedWeight(name, tensor);
    return storedElementType[tensor.type] === type ? value : this.cast(value, type);
  }

  /** A weight as it is stored. */
  storedWeight(name: string, tensor: TensorRef): Value {
    const { file, type, dims, offset } = tensor;
    return this.#remember(`weight ${file} ${offset} ${type} ${dims}`, () => {
      const isTaken = this.#initializers.has(name);
      return this.#initialize({
        kind: "external",
        name: isTaken ? `${name} ${dims.join("x")}+${offset}` : name,
        tensor,
      });
    });
  }

  /** What LoRAs make of the layer of this name. */
  changeOf(layer: string): LayerChange {
    const change = this.#changes.get(layer);
    if (change !== undefined) this.#changedLayers.add(layer);
    return change ?? UNCHANGED;
  }

  /** Has the graph tell the range of a value, where that is wanted. */
  tellRange(layer: string, of: "input" | "output", value: Value): void {
    if (!this.#tellsRanges) return;
    const ends = ["ReduceMin", "ReduceMax"].map((operator) => this.op(operator, [value], { keepdims: 0 }));
    const range = this.concat(
      ends.map((end) => this.op("Reshape", [end, this.ints(1)])),
      0,
    );
    this.floatOutput(rangeOutput(layer, of), range, [2]);
  }

  /** Throws OverpaintError `unsupported-model` when a LoRA changes a layer that the network does not have. */
  build(): OnnxGraph {
    const unknown = [...this.#changes.keys()].filter((layer) => !this.#changedLayers.has(layer));
    if (unknown.length > 0)
      throw new OverpaintError(
        "unsupported-model",
        `The LoRA changes ${unknown.length} layers that the model does not have, among them "${unknown[0]}".`,
        "Use a LoRA that was made for this family of models.",
      );
    return {
      opset: this.profile.operators === "onnx" ? OPSET_OF_GELU : OPSET,
      nodes: this.#nodes,
      initializers: [...this.#initializers.values()],
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }

  #node(
    domain: GraphNode["domain"],
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>>,
  ): Value {
    return this.#remember(`${operator} ${JSON.stringify([inputs, attributes])}`, () => {
      const name = `${operator}_${this.#nodes.length}`;
      this.#nodes.push({ name, operator, domain, inputs, outputs: [name], attributes });
      return name as Value;
    });
  }

  #integers(values: readonly number[], dims: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant("int64", dims, new Uint8Array(data.buffer));
  }

  #constant(type: ElementType, dims: readonly number[], data: Uint8Array): Value {
    return this.#remember(`constant ${type} ${dims} ${data}`, () =>
      this.#initialize({ kind: "inline", name: `constant_${this.#initializers.size}`, type, dims, data }),
    );
  }

  #initialize(initializer: Initializer): Value {
    this.#initializers.set(initializer.name, initializer);
    return initializer.name as Value;
  }

  #remember(key: string, make: () => Value): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.#known.set(key, value);
    return value;
  }
}

/** [out, in, 1, 1] as the matrix [out, in] that it is. */
function withoutKernel<Size extends number | undefined>(dims: readonly Size[]): readonly Size[] {
  return dims.length === 4 && dims[2] === 1 && dims[3] === 1 ? dims.slice(0, 2) : dims;
}
