import { BlockDigest } from "./block-digest.ts";

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // A page on plain http from another machine is no secure context and has no `crypto.subtle`.
  const subtle = (globalThis.crypto as { readonly subtle?: SubtleCrypto }).subtle;
  const digest =
    subtle === undefined
      ? digestSha256(bytes)
      : new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return toHex(digest);
}

/** The most that is brought into memory only to be hashed. */
const MAX_BUFFER_BYTES = 512 * 1024 ** 2;
const PIECE_BYTES = 16 * 1024 ** 2;

/** As `sha256`; large ones are read in pieces, which `crypto` cannot. */
export async function sha256OfBlob(blob: Blob): Promise<string> {
  if (blob.size <= MAX_BUFFER_BYTES) return await sha256(new Uint8Array(await blob.arrayBuffer()));
  const digest = new Sha256();
  for (let at = 0; at < blob.size; at += PIECE_BYTES)
    digest.add(new Uint8Array(await blob.slice(at, at + PIECE_BYTES).arrayBuffer()));
  return toHex(digest.finish());
}

/** Lower-case hexadecimal. */
export function toHex(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** FIPS 180-4, section 4.2.2: 32 bits of the fractional parts of the first 64 primes' cube roots. */
const roundConstants = fractionalRoots(64, 3);
/** Section 5.3.3: the same of the first 8 primes' square roots. */
const initialHash = fractionalRoots(8, 2);

/** SHA-256 (FIPS 180-4) without `crypto`; about 100 MB/s. */
export function digestSha256(bytes: Uint8Array): Uint8Array {
  const digest = new Sha256();
  digest.add(bytes);
  return digest.finish();
}

/** SHA-256 of what comes piece by piece. */
export class Sha256 extends BlockDigest {
  constructor() {
    super(initialHash, addBlock, 64);
  }
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Section 6.2.2. `w` is the message schedule; a to h are the working variables. */
function addBlock(hash: Uint32Array, w: Uint32Array, block: DataView, at: number): void {
  for (let t = 0; t < 16; t += 1) w[t] = block.getUint32(at + t * 4);
  for (let t = 16; t < 64; t += 1) {
    const w15 = w[t - 15]!;
    const w2 = w[t - 2]!;
    const sigma0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const sigma1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    w[t] = sigma1 + w[t - 7]! + sigma0 + w[t - 16]!;
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let t = 0; t < 64; t += 1) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + roundConstants[t]! + w[t]!) | 0;
    const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    hash[index] = hash[index]! + word;
  });
}

function fractionalRoots(count: number, degree: number): Uint32Array {
  const roots: number[] = [];
  for (let candidate = 2; roots.length < count; candidate += 1) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) isPrime = false;
    if (isPrime) roots.push((candidate ** (1 / degree) % 1) * 2 ** 32);
  }
  return Uint32Array.from(roots);
}
