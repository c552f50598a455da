// IEEE 754 binary16 as raw bits, for graphs whose inputs or outputs are half precision. Rounds to nearest, ties to even.

/** Writes `values` as half-precision bits into `target`, which has the same length. */
export function writeFloat16(values: Float32Array, target: Uint16Array): Uint16Array {
  const singles = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < singles.length; i++) {
    const single = singles[i]!;
    const sign = (single >>> 16) & 0x8000;
    const magnitude = single & 0x7fff_ffff;
    if (magnitude >= 0x3880_0000 && magnitude < 0x4780_0000) {
      // Rebias the exponent from 127 to 15 and round 13 bits away; a carry may reach the exponent, up to infinity.
      target[i] = sign | ((magnitude - 0x3800_0000 + 0x0fff + ((magnitude >>> 13) & 1)) >>> 13);
    } else if (magnitude < 0x3880_0000) {
      target[i] = sign | roundHalfToEven(Math.abs(values[i]!) * 2 ** 24); // Below 2^-14 the spacing is 2^-24.
    } else {
      target[i] = sign | (magnitude > 0x7f80_0000 ? 0x7e00 : 0x7c00); // Not a number, or 65536 and above.
    }
  }
  return target;
}

/** Widens half-precision bits to float32. */
export function readFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const singles = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = half & 0x7c00;
    const mantissa = half & 0x3ff;
    const sign = (half & 0x8000) << 16;
    if (exponent === 0) values[i] = (sign ? -1 : 1) * mantissa * 2 ** -24;
    else if (exponent === 0x7c00) singles[i] = sign | 0x7f80_0000 | (mantissa << 13);
    else singles[i] = sign | (((half & 0x7fff) << 13) + 0x3800_0000);
  }
  return values;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const isUp = value - below > 0.5 || (value - below === 0.5 && below % 2 === 1);
  return isUp ? below + 1 : below;
}
