import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { Agent as HttpAgent, type IncomingMessage, request as requestByHttp } from "node:http";
import { Agent as HttpsAgent, type RequestOptions, request as requestByHttps } from "node:https";
import { pipeline, Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
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

export interface S3PicturesOptions {
  readonly address: S3Address;
  /** Told in words, once when the store goes away and once when it is there again. */
  readonly onTrouble?: (what: string) => void;
  /** How long the store may say nothing, in milliseconds. */
  readonly silence?: number;
}

interface Question {
  readonly method: "GET" | "PUT" | "POST";
  /** Behind the prefix. */
  readonly key?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** SHA-256 of the body. */
  readonly sha256?: string;
}

const SILENCE_MS = 30_000;
const RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
const SWEEP_INTERVAL_MS = 24 * 60 * 60_000;
/** What S3 lists, or removes, at once. */
const MOST_KEYS = 1_000;
const OVERLOADED = [408, 429];

/** The store does not answer, or not now: asked again, it may. */
class StoreAway extends Error {}

/**
 * Pictures in a bucket: an object each. What is asked while the store is away waits until it is back. A bucket has no expiry of its own
 * that we could rely on: what is older than anything is kept (`LONGEST_LIFE_MS`) is swept away once a day.
 */
export class S3Pictures implements PictureCarrier {
  readonly place: string;
  readonly #address: S3Address;
  readonly #onTrouble: (what: string) => void;
  readonly #agent: HttpAgent;
  readonly #silence: number;
  readonly #closed = new AbortController();
  readonly #sweeping: NodeJS.Timeout;
  #isAway = false;

  constructor({ address, onTrouble = () => {}, silence = SILENCE_MS }: S3PicturesOptions) {
    this.place = address.shown;
    this.#address = address;
    this.#onTrouble = onTrouble;
    this.#agent = new (address.bucketUrl.startsWith("https:") ? HttpsAgent : HttpAgent)({ keepAlive: true });
    this.#silence = silence;
    this.#sweeping = setInterval(() => void this.sweep().catch(() => {}), SWEEP_INTERVAL_MS).unref();
  }

  /** Does once all that is done there. Throws `invalid-request` for a bucket that is not there or a key that may not do it. */
  async check(): Promise<void> {
    const key = `check-${randomBytes(8).toString("hex")}`;
    try {
      await this.#answered({ method: "PUT", key, body: "" });
      await this.#answered({ method: "GET", key });
      await this.sweep();
      await this.#removeKeys([key]);
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
      const headers = { "content-length": String(size) };
      await this.#persistently(() =>
        this.#answered({ method: "PUT", key: keyOf(name), headers, body: streamOf(handle), sha256 }),
      );
      return { name, bytes: size, sha256 };
    } finally {
      await handle.close();
    }
  }

  fetch(picture: SentPicture, file: string): Promise<boolean> {
    return this.#persistently(async () => {
      const answer = await this.#ask({ method: "GET", key: keyOf(picture.name) });
      if (answer === undefined) return false;
      try {
        await writeWhole(file, verified(picture, bytesOf(answer), createHash("sha256")));
        return true;
      } catch (error) {
        if (isGone(error)) return false;
        throw error;
      }
    });
  }

  remove(names: readonly string[]): Promise<void> {
    return this.#persistently(() => this.#removeKeys(names.map(keyOf)));
  }

  /** Removes pictures whose machines have all forgotten them, and nothing that is not named as ours are. */
  async sweep(now = Date.now()): Promise<void> {
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ "list-type": "2", prefix: this.#address.prefix });
      if (token !== undefined) query.set("continuation-token", token);
      const text = await this.#answered({ method: "GET", query: query.toString().replaceAll("+", "%20") });
      const listed = readListing(text);
      const old = listed.filter(({ modified }) => now - modified > LONGEST_LIFE_MS).map(({ key }) => key);
      await this.#removeKeys(old.flatMap((key) => ownKey(key, this.#address.prefix) ?? []));
      token = elementOf("NextContinuationToken", text);
    } while (token !== undefined);
  }

  close(): void {
    clearInterval(this.#sweeping);
    this.#closed.abort(new Error("the pictures' store is closed"));
    this.#agent.destroy();
  }

  async #removeKeys(keys: readonly string[]): Promise<void> {
    for (let first = 0; first < keys.length; first += MOST_KEYS) {
      const objects = keys
        .slice(first, first + MOST_KEYS)
        .map((key) => `<Object><Key>${this.#address.prefix}${key}</Key></Object>`);
      const body = `<Delete><Quiet>true</Quiet>${objects.join("")}</Delete>`;
      const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
      const text = await this.#answered({ method: "POST", query: "delete=", headers, body });
      const code = elementOf("Code", text);
      if (code !== undefined) throw this.#refusal(code);
    }
  }

  /** Until the store answers. */
  async #persistently<T>(attempt: () => Promise<T>): Promise<T> {
    for (let times = 1; ; times += 1) {
      try {
        const outcome = await attempt();
        this.#noteThere();
        return outcome;
      } catch (error) {
        this.#closed.signal.throwIfAborted();
        if (!(error instanceof StoreAway)) throw error;
        this.#noteAway(error);
        const pause = Math.min(times * RETRY_MS, MAX_RETRY_MS);
        await delay(pause, undefined, { signal: this.#closed.signal }).catch(() => {}); // the next attempt ends it
      }
    }
  }

  /** The text of an answer. */
  async #answered(question: Question): Promise<string> {
    const answer = await this.#ask(question);
    if (answer === undefined) throw this.#refusal("NoSuchKey");
    return await textOf(answer);
  }

  /** Undefined where there is no such object. Throws `StoreAway`, or `engine-unavailable` for what the store refuses. */
  async #ask({ method, key, query, headers, body, sha256 }: Question): Promise<IncomingMessage | undefined> {
    const { bucketUrl, prefix, region, accessKeyId, secretAccessKey, sessionToken } = this.#address;
    const path = key === undefined ? "/" : `/${prefix}${key}`;
    const signed = await new AwsV4Signer({
      method,
      url: `${bucketUrl}${path}${query === undefined ? "" : `?${query}`}`,
      headers: {
        ...headers,
        "x-amz-content-sha256":
          sha256 ??
          createHash("sha256")
            .update(typeof body === "string" ? body : "")
            .digest("hex"),
      },
      service: "s3",
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    }).sign();
    const options = {
      method,
      headers: { ...Object.fromEntries(signed.headers), ...headers },
      agent: this.#agent,
      signal: this.#closed.signal,
      timeout: this.#silence,
    };
    const answer = await exchange(signed.url, options, body).catch((cause) => {
      throw new StoreAway(reasonOf(cause), { cause });
    });
    const { statusCode = 0 } = answer;
    if (statusCode < 300) return answer;
    const code = elementOf("Code", await textOf(answer)) ?? `HTTP ${statusCode}`;
    if (statusCode >= 500 || OVERLOADED.includes(statusCode)) throw new StoreAway(code);
    if (code === "NoSuchKey") return undefined;
    throw this.#refusal(code);
  }

  #refusal(code: string): OverpaintError {
    const { bucketUrl } = this.#address;
    if (code === "NoSuchBucket")
      return new OverpaintError(
        "engine-unavailable",
        `There is no bucket for pictures at ${bucketUrl}.`,
        "Create it, or name another with --pictures.",
      );
    return new OverpaintError(
      "engine-unavailable",
      `The store of pictures at ${bucketUrl} refuses this key (${code}).`,
      "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and that the key may list, read, write and delete there.",
    );
  }

  #noteAway({ message }: StoreAway): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#onTrouble(`The store of pictures at ${this.#address.bucketUrl} is away (${message}); trying on.`);
  }

  #noteThere(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#onTrouble(`The store of pictures at ${this.#address.bucketUrl} is there again.`);
  }
}

/** A folder for each job. */
function keyOf(name: string): string {
  return name.replace(":", "/");
}

/** What is behind the prefix, of what `keyOf` or a check made. */
function ownKey(key: string, prefix: string): string | undefined {
  const own = key.slice(prefix.length);
  return key.startsWith(prefix) && /^([a-z0-9]{12,40}\/[a-z0-9-]{1,40}|check-[0-9a-f]{16})$/.test(own)
    ? own
    : undefined;
}

function streamOf(handle: FileHandle): Readable {
  return handle.createReadStream({ start: 0, autoClose: false });
}

async function digestOf(handle: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of streamOf(handle)) hash.update(piece);
  return hash.digest("hex");
}

/** undici 7 ends the process when a store closes the connection of a picture that is still being written to disk (nodejs/undici#5360). */
function exchange(url: URL, options: RequestOptions, body: string | Readable = ""): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestByHttps : requestByHttp;
    const asked = send(url, options)
      .on("response", resolve)
      .on("error", reject)
      .on("timeout", () => asked.destroy(new Error(`no answer within ${options.timeout} ms`)));
    if (body instanceof Readable) pipeline(body, asked, (error) => error && reject(error));
    else asked.end(body);
  });
}

/** The body, with its failures told from those of whoever takes it. */
async function* bytesOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* answer as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new StoreAway(reasonOf(cause), { cause });
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytesOf(answer)) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no connection";
  return "code" in error ? String(error.code) : error.message;
}

/** S3's answers are flat, and nothing in those that we read needs more of XML. */
function elementOf(name: string, xml: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

function readListing(xml: string): readonly { readonly key: string; readonly modified: number }[] {
  return [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].flatMap(([, object = ""]) => {
    const [key, modified] = [elementOf("Key", object), Date.parse(elementOf("LastModified", object) ?? "")];
    return key === undefined || Number.isNaN(modified) ? [] : { key, modified };
  });
}
