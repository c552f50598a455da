/** 2³² / φ: multiples of it are spread evenly, so that no pass of one variant starts from the noise of another variant. */
const GOLDEN = 0x9e37_79b1;

/** The seed of one pass of a variant: the variant's own for the first, others far from it for the rest. */
export function passSeed(seed: number, variant: number, pass: number): number {
  return (seed + variant + Math.imul(pass, GOLDEN)) >>> 0;
}
