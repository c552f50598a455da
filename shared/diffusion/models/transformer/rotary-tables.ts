import type { Tensor } from "../../model-session.ts";

/** How the reference implementation of a model computes the angles of its rotary embedding. */
export interface RotaryAngles {
  /** Values of a head that each axis of a position turns. */
  readonly axes: readonly number[];
  /** Of the slowest wave: that many positions over 2π. */
  readonly theta: number;
  /** What is rounded to single precision. Of long sequences, angles are so large that their rounding shows. */
  readonly rounded: "nothing" | "angles" | "frequencies and angles";
}

/**
 * Cosines and sines of the angles by which tokens are turned, inputs of the networks with rotary embedding:
 *
 *   θ_{p,i} = p · theta^(−2i / d)
 *
 * for coordinate p of a token along an axis, d its width, the axes side by side. Made in double precision.
 *
 * @param positions [tokens, axes]
 */
export function rotaryTables(
  positions: readonly (readonly number[])[],
  { axes, theta, rounded }: RotaryAngles,
): { readonly rotary_cos: Tensor; readonly rotary_sin: Tensor } {
  const frequencies = axes.map((width) =>
    Float64Array.from({ length: width / 2 }, (_, i) => {
      const frequency = theta ** (-(2 * i) / width);
      return rounded === "frequencies and angles" ? Math.fround(frequency) : frequency;
    }),
  );
  const half = axes.reduce((sum, width) => sum + width / 2, 0);
  const cos = new Float32Array(positions.length * half);
  const sin = new Float32Array(positions.length * half);
  let at = 0;
  for (const position of positions)
    for (const [axis, waves] of frequencies.entries())
      for (const frequency of waves) {
        const angle = position[axis]! * frequency; // a position has as many coordinates as there are axes
        const turned = rounded === "nothing" ? angle : Math.fround(angle);
        cos[at] = Math.cos(turned);
        sin[at] = Math.sin(turned);
        at += 1;
      }
  const dims = [positions.length, half];
  return { rotary_cos: { type: "float32", dims, data: cos }, rotary_sin: { type: "float32", dims, data: sin } };
}
