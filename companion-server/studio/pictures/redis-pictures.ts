import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Redis } from "ioredis";
import { writeWhole } from "../../write-whole.ts";
import { PREFIX } from "../studio-link.ts";
import { isGone, type PictureCarrier, requireCarriable, type SentPicture, verified } from "./picture-carrier.ts";

/** Small enough that no other command waits long behind one, large enough that a picture is few of them. */
const CHUNK_BYTES = 1024 * 1024;

/** Pictures in Redis: a list of chunks each, with an expiry, so that nothing stays for ever whatever ends. */
export class RedisPictures implements PictureCarrier {
  readonly place = "redis:";
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async send(name: string, file: string, life: number): Promise<SentPicture> {
    const key = keyOf(name);
    const hash = createHash("sha256");
    requireCarriable((await stat(file)).size);
    await this.#redis.del(key);
    let bytes = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
      await this.#redis.multi().rpush(key, chunk).pexpire(key, life).exec();
    }
    return { name, bytes, sha256: hash.digest("hex") };
  }

  async fetch(picture: SentPicture, file: string): Promise<boolean> {
    try {
      await writeWhole(file, verified(picture, this.#chunks(picture), createHash("sha256")));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#redis.unlink(...names.map(keyOf));
  }

  /** The connection is its owner's. */
  close(): void {}

  async *#chunks({ name, bytes }: SentPicture): AsyncGenerator<Buffer> {
    for (let index = 0; index * CHUNK_BYTES < bytes; index += 1) {
      const chunk = await this.#redis.lindexBuffer(keyOf(name), index);
      if (chunk === null) return;
      yield chunk;
    }
  }
}

function keyOf(name: string): string {
  return `${PREFIX}:picture:${name}`;
}
