import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { JobId } from "../../shared/protocol/api.ts";
import { type EditPart, editPartNames } from "../../shared/protocol/edit-request.ts";
import { MAX_UPLOAD_BYTES, MAX_VARIANTS } from "../../shared/protocol/limits.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { formatBytes } from "../../shared/protocol/text/format-bytes.ts";
import { writeWhole } from "../write-whole.ts";
import { PREFIX } from "./studio-link.ts";

/** A picture on its way between machines. */
export const sentPictureSchema = z.object({
  name: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SentPicture = z.output<typeof sentPictureSchema>;

/** Carries pictures between machines that share no disk. */
export interface PictureCarrier {
  /** Throws `upload-too-large`. `life`: how long it is kept for whoever fetches it, in milliseconds. */
  send(name: string, file: string, life: number): Promise<SentPicture>;
  /** Writes it, whole and synced, to `file`. Answers false when it is not there any more. */
  fetch(picture: SentPicture, file: string): Promise<boolean>;
  /** Those that are there. */
  remove(names: readonly string[]): Promise<void>;
}

/** Small enough that no other command waits long behind one, large enough that a picture is few of them. */
const CHUNK_BYTES = 1024 * 1024;

const GONE = new Error("the picture is not there any more");

/** Pictures in Redis: a list of chunks each, with an expiry, so that nothing stays for ever whatever ends. */
export class RedisPictures implements PictureCarrier {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async send(name: string, file: string, life: number): Promise<SentPicture> {
    const key = keyOf(name);
    const hash = createHash("sha256");
    const { size } = await stat(file);
    if (size > MAX_UPLOAD_BYTES) throw tooLarge(size);
    await this.#redis.del(key);
    let bytes = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
      await this.#redis.multi().rpush(key, chunk).pexpire(key, life).exec();
    }
    return { name, bytes, sha256: hash.digest("hex") };
  }

  async fetch({ name, bytes, sha256 }: SentPicture, file: string): Promise<boolean> {
    const hash = createHash("sha256");
    const chunks = async function* (redis: Redis) {
      for (let index = 0; index * CHUNK_BYTES < bytes; index += 1) {
        const chunk = await redis.lindexBuffer(keyOf(name), index);
        if (chunk === null) throw GONE;
        hash.update(chunk);
        yield chunk;
      }
      if (hash.digest("hex") !== sha256) throw GONE;
    };
    try {
      await writeWhole(file, chunks(this.#redis));
      return true;
    } catch (error) {
      if (error === GONE) return false;
      throw error;
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#redis.unlink(...names.map(keyOf));
  }
}

function keyOf(name: string): string {
  return `${PREFIX}:picture:${name}`;
}

/** What the pictures of a job are called on their way. */
export const pictureNames = {
  part: (id: JobId, part: EditPart) => `${id}:${part}`,
  result: (id: JobId, variant: number) => `${id}:result-${variant}`,
  erase: (id: JobId, variant: number) => `${id}:erase-${variant}`,
  /** Every name that a picture of the job can have. */
  all(id: JobId): readonly string[] {
    const variants = Array.from({ length: MAX_VARIANTS }, (_, variant) => variant);
    return [
      ...editPartNames.map((part) => pictureNames.part(id, part)),
      ...variants.flatMap((variant) => [pictureNames.result(id, variant), pictureNames.erase(id, variant)]),
    ];
  },
} as const;

function tooLarge(bytes: number): OverpaintError {
  return new OverpaintError(
    "upload-too-large",
    `A picture of ${formatBytes(bytes)} is larger than the ${formatBytes(MAX_UPLOAD_BYTES)} that travel between machines.`,
    "Use a smaller picture.",
  );
}
