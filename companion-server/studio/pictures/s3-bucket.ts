import { createHash } from "node:crypto";
import { Agent as HttpAgent, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Readable } from "node:stream";
import { AwsV4Signer } from "aws4fetch";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { askByHttp, textOf } from "../../ask-by-http.ts";
import type { S3Address } from "./s3-address.ts";

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

/** What S3 lists, or removes, at once. */
const MOST_KEYS = 1_000;
const OVERLOADED = [408, 429];

/** The store does not answer, or not now: asked again, it may. */
export class StoreAway extends Error {}

/**
 * The objects of a bucket below a prefix, which their keys leave out. Every method throws `StoreAway`, or `engine-unavailable` for what
 * the store refuses.
 */
export class S3Bucket {
  readonly #address: S3Address;
  readonly #agent: HttpAgent;
  readonly #silence: number;
  readonly #closed = new AbortController();

  /** @param silence how long the store may say nothing, in milliseconds */
  constructor(address: S3Address, silence: number) {
    this.#address = address;
    this.#agent = new (address.bucketUrl.startsWith("https:") ? HttpsAgent : HttpAgent)({ keepAlive: true });
    this.#silence = silence;
  }

  /** Aborted once it is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async put(key: string, body: string | Readable, size: number, sha256?: string): Promise<void> {
    const headers = { "content-length": String(size) };
    await this.#answered({ method: "PUT", key, headers, body, ...(sha256 !== undefined && { sha256 }) });
  }

  /** Undefined where there is no such object. */
  async get(key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const answer = await this.#ask({ method: "GET", key });
    return answer && bytesOf(answer);
  }

  /** Everything that is there. `modified` in milliseconds since 1970. */
  async *list(): AsyncGenerator<{ readonly key: string; readonly modified: number }> {
    const { prefix } = this.#address;
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ "list-type": "2", prefix });
      if (token !== undefined) query.set("continuation-token", token);
      const text = await this.#answered({ method: "GET", query: query.toString().replaceAll("+", "%20") });
      for (const { key, modified } of readListing(text))
        if (key.startsWith(prefix)) yield { key: key.slice(prefix.length), modified };
      token = elementOf("NextContinuationToken", text);
    } while (token !== undefined);
  }

  /** Those that are there. Keys are of letters, digits and what XML does not mind. */
  async remove(keys: readonly string[]): Promise<void> {
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

  /** What is asked is given up. */
  close(): void {
    this.#closed.abort(new Error("the pictures' store is closed"));
    this.#agent.destroy();
  }

  /** The text of an answer. */
  async #answered(question: Question): Promise<string> {
    const answer = await this.#ask(question);
    if (answer === undefined) throw this.#refusal("NoSuchKey");
    return await textOf(bytesOf(answer));
  }

  /** Undefined where there is no such object. */
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
    const answer = await askByHttp(signed.url, options, body).catch((cause) => {
      throw new StoreAway(reasonOf(cause), { cause });
    });
    const { statusCode = 0 } = answer;
    if (statusCode < 300) return answer;
    const code = elementOf("Code", await textOf(bytesOf(answer))) ?? `HTTP ${statusCode}`;
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
}

/** The body, with its failures told from those of whoever takes it. */
async function* bytesOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* answer as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new StoreAway(reasonOf(cause), { cause });
  }
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
