import type { TensorRef } from "../protocol/tensor-ref.ts";
import type { WeightFiles } from "./weight-files.ts";

/** Reads a tensor's values, whatever type they are stored in. Integers become numbers; F64 is rounded. */
export async function readValues(files: Pick<WeightFiles, "readBytes">, tensor: TensorRef): Promise<Float32Array> {
  const bytes = await files.readBytes(tensor.file, tensor.offset, tensor.length);
  // Typed arrays start at multiples of their own width; weights need not.
  return toFloat32(tensor, bytes.slice().buffer);
}

function toFloat32({ type, file }: TensorRef, buffer: ArrayBuffer): Float32Array {
  switch (type) {
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return Float32Array.from(new Float64Array(buffer));
    case "F16":
      return widenFloat16(new Uint16Array(buffer));
    case "BF16":
      return widenBfloat16(new Uint16Array(buffer));
    case "I64":
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case "I32":
      return Float32Array.from(new Int32Array(buffer));
    case "I8":
      return Float32Array.from(new Int8Array(buffer));
    case "U8":
    case "BOOL":
      return Float32Array.from(new Uint8Array(buffer));
    default:
      throw new Error(`${file} has a tensor of type ${type satisfies never}.`);
  }
}

/** The upper half of a float32. */
function widenBfloat16(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16. */
function widenFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number; // i < length
    const exponent = half & 0x7c00;
    const mantissa = half & 0x3ff;
    const sign = (half & 0x8000) << 16;
    if (exponent === 0) values[i] = (sign ? -1 : 1) * mantissa * 2 ** -24;
    else if (exponent === 0x7c00) bits[i] = sign | 0x7f80_0000 | (mantissa << 13);
    else bits[i] = sign | (((half & 0x7fff) << 13) + 0x3800_0000);
  }
  return values;
}
