// IEEE 754 binary16 as raw bits, for graphs whose inputs or outputs are half precision. Rounds to nearest, ties to even.

const singles = new Float32Array(1);
const bits = new Uint32Array(singles.buffer);

/** The half-precision bits of a number. */
export function float16Bits(value: number): number {
  singles[0] = value;
  const single = bits[0]!;
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fff_ffff;

  if (magnitude > 0x7f80_0000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x4780_0000) return sign | 0x7c00; // 65536 and above
  if (magnitude < 0x3880_0000) {
    // Below 2^-14 the spacing is a constant 2^-24, which adding 0.5 gives to a float32.
    singles[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f00_0000);
  }
  // Rebias the exponent from 127 to 15 and round away 13 bits; a carry may reach the exponent, up to infinity.
  return sign | ((magnitude - 0x3800_0000 + 0x0fff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** Writes `values` as half-precision bits into `target`, which has the same length. */
export function writeFloat16(values: Float32Array, target: Uint16Array): Uint16Array {
  for (let i = 0; i < values.length; i++) target[i] = float16Bits(values[i]!);
  return target;
}

/** The number that half-precision bits stand for. */
export function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** Widens half-precision bits to float32. */
export function readFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const valueBits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = half & 0x7c00;
    if (exponent === 0 || exponent === 0x7c00) values[i] = float16Value(half);
    else valueBits[i] = ((half & 0x8000) << 16) | (((half & 0x7fff) << 13) + 0x3800_0000);
  }
  return values;
}
