import { BlockDigest } from "./block-digest.ts";

/** FIPS 180-4, section 5.3.1. */
const initialHash = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
/** Section 4.2.1, for 20 words of the schedule each. */
const constants = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

/** SHA-1 of what comes piece by piece: git's name of a file, which tells damage and is no protection. */
export class Sha1 extends BlockDigest {
  constructor() {
    super(initialHash, addBlock, 80);
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Section 6.1.2. `w` is the message schedule; a to e are the working variables. */
function addBlock(hash: Uint32Array, w: Uint32Array, block: DataView, at: number): void {
  for (let t = 0; t < 16; t += 1) w[t] = block.getUint32(at + t * 4);
  for (let t = 16; t < 80; t += 1) w[t] = rotate(w[t - 3]! ^ w[t - 8]! ^ w[t - 14]! ^ w[t - 16]!, 1); // within the schedule
  let [a, b, c, d, e] = hash as unknown as [number, number, number, number, number];
  for (let t = 0; t < 80; t += 1) {
    const stage = Math.floor(t / 20);
    const choice = (b & c) ^ (~b & d);
    const majority = (b & c) ^ (b & d) ^ (c & d);
    const f = stage === 0 ? choice : stage === 2 ? majority : b ^ c ^ d;
    const next = (rotate(a, 5) + f + e + constants[stage]! + w[t]!) | 0; // there are four stages
    [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
  }
  [a, b, c, d, e].forEach((word, index) => {
    hash[index] = hash[index]! + word; // as many words as the hash has
  });
}
