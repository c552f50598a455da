import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { Tensor, ValueInfo } from "../model-session.ts";
import { readFloat16, writeFloat16 } from "./float16.ts";

/** Numbers as the element type a graph's input asks for. float32 data is passed on without a copy. */
export function toGraphInput(input: ValueInfo, dims: readonly number[], values: Float32Array): Tensor {
  switch (input.type) {
    case "float32":
      return { type: "float32", dims, data: values };
    case "float16":
      return { type: "float16", dims, data: writeFloat16(values, new Uint16Array(values.length)) };
    case "int32":
      return { type: "int32", dims, data: Int32Array.from(values) };
    case "int64":
      return { type: "int64", dims, data: BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))) };
    default:
      throw new OverpaintError(
        "unsupported-model",
        `Input "${input.name}" wants ${input.type} values, which no diffusion graph is known to take.`,
        "Export the model again with float32, float16, int32 or int64 inputs.",
      );
  }
}

/** Overwrites part of a tensor made by `toGraphInput`, from element `offset` on. */
export function writeGraphInput(tensor: Tensor, offset: number, values: Float32Array): void {
  if (tensor.data instanceof Float32Array) tensor.data.set(values, offset);
  else if (tensor.data instanceof Uint16Array)
    writeFloat16(values, tensor.data.subarray(offset, offset + values.length));
}

/** A graph's output as float32, whatever precision it came in. float32 data is passed on without a copy. */
export function toFloats(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (tensor.type === "float16" && tensor.data instanceof Uint16Array) return readFloat16(tensor.data);
  throw new OverpaintError(
    "unsupported-model",
    `A graph answered ${tensor.type} values where float32 or float16 was expected.`,
    "Export the model again with floating-point outputs.",
  );
}
