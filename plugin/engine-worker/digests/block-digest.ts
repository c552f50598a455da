const BLOCK = 64;

/** Changes the hash by 64 bytes of the message. `schedule` is room for its words. */
export type AddBlock = (hash: Uint32Array, schedule: Uint32Array, source: DataView, at: number) => void;

/** What the digests of FIPS 180-4 with blocks of 512 bits have in common: a message that comes piece by piece, and its end. */
export class BlockDigest {
  readonly #hash: Uint32Array;
  readonly #schedule: Uint32Array;
  readonly #addBlock: AddBlock;
  /** Bytes of a block that is not whole yet. */
  #rest = new Uint8Array();
  #length = 0;

  constructor(initial: Uint32Array, addBlock: AddBlock, scheduleWords: number) {
    this.#hash = Uint32Array.from(initial);
    this.#schedule = new Uint32Array(scheduleWords);
    this.#addBlock = addBlock;
  }

  add(piece: Uint8Array): void {
    this.#length += piece.length;
    const bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece);
    const wholeBlocks = bytes.length - (bytes.length % BLOCK);
    this.#addBlocks(bytes, wholeBlocks);
    this.#rest = bytes.slice(wholeBlocks);
  }

  /** Ends the message. Nothing may be added afterwards. */
  finish(): Uint8Array {
    const rest = this.#rest;
    const tail = new Uint8Array(rest.length + 9 > BLOCK ? 2 * BLOCK : BLOCK);
    tail.set(rest);
    tail[rest.length] = 0x80;
    new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(this.#length) * 8n);
    this.#addBlocks(tail, tail.length);
    const out = new DataView(new ArrayBuffer(this.#hash.length * 4));
    this.#hash.forEach((word, index) => {
      out.setUint32(index * 4, word);
    });
    return new Uint8Array(out.buffer);
  }

  #addBlocks(bytes: Uint8Array, length: number): void {
    const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < length; at += BLOCK) this.#addBlock(this.#hash, this.#schedule, source, at);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
