import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { writeWhole } from "../../write-whole.ts";
import {
  isGone,
  LONGEST_LIFE_MS,
  type PictureCarrier,
  requireCarriable,
  type SentPicture,
  verified,
} from "./picture-carrier.ts";
import type { S3Address } from "./s3-address.ts";
import { S3Bucket, StoreAway } from "./s3-bucket.ts";

export interface S3PicturesOptions {
  readonly address: S3Address;
  /** Told in words, once when the store goes away and once when it is there again. */
  readonly onTrouble?: (what: string) => void;
  /** How long the store may say nothing, in milliseconds. */
  readonly silence?: number;
}

const SILENCE_MS = 30_000;
const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
const SWEEP_INTERVAL_MS = 24 * 60 * 60_000;

/** What `keyOf` or a check made. */
const OWN_KEY = /^([a-z0-9]{12,40}\/[a-z0-9-]{1,40}|check-[0-9a-f]{16})$/;

/**
 * Pictures in a bucket: an object each. What is asked while the store is away waits until it is back. A bucket has no expiry of its own
 * that we could rely on: what is older than anything is kept (`LONGEST_LIFE_MS`) is swept away once a day.
 */
export class S3Pictures implements PictureCarrier {
  readonly place: string;
  /** Of the bucket, for messages. */
  readonly #url: string;
  readonly #bucket: S3Bucket;
  readonly #onTrouble: (what: string) => void;
  readonly #sweeping: NodeJS.Timeout;
  #isAway = false;

  constructor({ address, onTrouble = () => {}, silence = SILENCE_MS }: S3PicturesOptions) {
    this.place = address.shown;
    this.#url = address.bucketUrl;
    this.#bucket = new S3Bucket(address, silence);
    this.#onTrouble = onTrouble;
    this.#sweeping = setInterval(() => void this.sweep().catch(() => {}), SWEEP_INTERVAL_MS).unref();
  }

  /** Does once all that is done there. Throws `invalid-request` for a bucket that is not there or a key that may not do it. */
  async check(): Promise<void> {
    const key = `check-${randomBytes(8).toString("hex")}`;
    try {
      await this.#bucket.put(key, "", 0);
      for await (const _ of (await this.#bucket.get(key)) ?? []); // a body that is not read holds its connection
      await this.sweep();
      await this.#bucket.remove([key]);
    } catch (error) {
      if (error instanceof StoreAway) this.#noteAway(error);
      else if (error instanceof OverpaintError)
        throw new OverpaintError("invalid-request", error.message, error.remedy);
      else throw error;
    }
  }

  async send(name: string, file: string, _life: number): Promise<SentPicture> {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      requireCarriable(size);
      const sha256 = await digestOf(handle);
      await this.#persistently(() => this.#bucket.put(keyOf(name), streamOf(handle), size, sha256));
      return { name, bytes: size, sha256 };
    } finally {
      await handle.close();
    }
  }

  fetch(picture: SentPicture, file: string): Promise<boolean> {
    return this.#persistently(async () => {
      const pieces = await this.#bucket.get(keyOf(picture.name));
      if (pieces === undefined) return false;
      try {
        await writeWhole(file, verified(picture, pieces, createHash("sha256")));
        return true;
      } catch (error) {
        if (isGone(error)) return false;
        throw error;
      }
    });
  }

  remove(names: readonly string[]): Promise<void> {
    return this.#persistently(() => this.#bucket.remove(names.map(keyOf)));
  }

  /** Removes pictures whose machines have all forgotten them, and nothing that is not named as ours are. */
  async sweep(now = Date.now()): Promise<void> {
    const old: string[] = [];
    for await (const { key, modified } of this.#bucket.list())
      if (now - modified > LONGEST_LIFE_MS && OWN_KEY.test(key)) old.push(key);
    await this.#bucket.remove(old);
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#bucket.close();
  }

  /** Until the store answers. */
  async #persistently<T>(attempt: () => Promise<T>): Promise<T> {
    for (let times = 1; ; times += 1) {
      try {
        const outcome = await attempt();
        this.#noteThere();
        return outcome;
      } catch (error) {
        this.#bucket.closed.throwIfAborted();
        if (!(error instanceof StoreAway)) throw error;
        this.#noteAway(error);
        const pause = Math.min(times * RETRY_MS, MAX_RETRY_MS);
        await delay(pause, undefined, { signal: this.#bucket.closed }).catch(() => {}); // the next attempt ends it
      }
    }
  }

  #noteAway({ message }: StoreAway): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#onTrouble(`The store of pictures at ${this.#url} is away (${message}); trying on.`);
  }

  #noteThere(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#onTrouble(`The store of pictures at ${this.#url} is there again.`);
  }
}

/** A folder for each job. */
function keyOf(name: string): string {
  return name.replace(":", "/");
}

function streamOf(handle: FileHandle): Readable {
  return handle.createReadStream({ start: 0, autoClose: false });
}

async function digestOf(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of streamOf(handle)) hash.update(piece);
  return hash.digest("hex");
}
