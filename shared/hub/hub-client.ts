import { z } from "zod";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { DEFAULT_ENDPOINT, type HubPlace } from "./hub-address.ts";
import { answerError, type PassingFailure, pageInstead, unreachable } from "./hub-errors.ts";
import type { Clock, HubAnswer, HubFetch } from "./hub-fetch.ts";
import { type Retrying, withRetries } from "./with-retries.ts";

export interface HubOptions {
  readonly fetch: HubFetch;
  readonly clock: Clock;
  /** Address of the hub. Default: Hugging Face's. */
  readonly endpoint?: string | undefined;
  /** What the hub knows a person by. Goes to the hub alone. */
  readonly token?: string | undefined;
  /** See `Retrying`. */
  readonly onRetry?: Retrying["onRetry"];
}

/** A file as the hub lists it. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** Of the content, as SHA-256, or of git's blob: SHA-1 over "blob SIZE\0" and the content. */
  readonly digest: { readonly algorithm: "sha256" | "git-blob"; readonly hex: string };
}

/** What a repository holds at one commit. */
export interface HubListing {
  readonly repository: string;
  readonly commit: string;
  /** The licence's name as the hub spells it. */
  readonly licence: string | undefined;
  readonly files: readonly HubFile[];
}

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z.object({ license: z.unknown(), license_name: z.unknown() }).partial().nullish(),
});
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    oid: z.string(),
    size: z.int().nonnegative(),
    lfs: z.object({ oid: z.string(), size: z.int().nonnegative() }).optional(),
  }),
);

/** A file that is begun at a byte. */
export interface ReadFrom {
  readonly from: number;
  /** What an earlier part came with: where the file has changed since, the answer is the whole one. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where files come from: the hub, or a host that has them. */
export interface FileSource extends Retrying {
  /** What to do where a file arrives otherwise than it is listed. */
  readonly remedyForDamage: string;
  /** Not retried: who reads knows how far it came. */
  read(from: Pick<HubListing, "repository" | "commit">, path: string, options: ReadFrom): Promise<HubAnswer>;
  /** The error of a connection that was cut. */
  unreachable(cause: unknown): PassingFailure;
  /** The error of an answer that is a web page instead. */
  pageInstead(): OverpaintError;
}

/** Pages of a listing; each has a thousand files. */
const MOST_PAGES = 50;

/** A part of the Hugging Face hub's API, for whichever runtime hands in its `fetch`. */
export class HubClient implements FileSource {
  readonly remedyForDamage = "Try again later; where HF_ENDPOINT names a mirror, use the hub itself.";
  readonly endpoint: string;
  readonly clock: Clock;
  readonly onRetry: Retrying["onRetry"];
  readonly #fetch: HubFetch;
  readonly #token: string | undefined;

  constructor({ fetch, clock, endpoint = DEFAULT_ENDPOINT, token, onRetry }: HubOptions) {
    this.endpoint = endpoint.replace(/\/+$/, "");
    this.clock = clock;
    this.#fetch = fetch;
    this.#token = token;
    this.onRetry = onRetry;
  }

  /**
   * What a repository holds, with the commit that its revision names now.
   * Throws `unknown-model`, `gated-model` or `hub-unreachable`.
   */
  async list({ repository, revision }: HubPlace, signal?: AbortSignal): Promise<HubListing> {
    const about = `${this.endpoint}/api/models/${repository}`;
    const info = infoSchema.safeParse(
      (await this.#json(`${about}/revision/${encodeURIComponent(revision)}`, repository, signal)).json,
    );
    if (!info.success) throw pageInstead(this.endpoint, info.error);
    const { sha: commit, cardData } = info.data;
    const files: HubFile[] = [];
    let next: string | undefined = `${about}/tree/${commit}?recursive=true`;
    for (let page = 0; next !== undefined && page < MOST_PAGES; page += 1) {
      const { json, following }: JsonAnswer = await this.#json(next, repository, signal);
      const tree = treeSchema.safeParse(json);
      if (!tree.success) throw pageInstead(this.endpoint, tree.error);
      for (const { type, path, oid, size, lfs } of tree.data) {
        if (type !== "file") continue;
        const digest = lfs
          ? ({ algorithm: "sha256", hex: lfs.oid } as const)
          : ({ algorithm: "git-blob", hex: oid } as const);
        files.push({ path, size: lfs?.size ?? size, digest });
      }
      next = following;
    }
    return { repository, commit, licence: licenceOf(cardData), files };
  }

  /**
   * Begins to read a file of a commit at a byte. `etag` is what an earlier part came with: the hub answers with the whole file
   * where that has changed. Not retried: who reads knows how far it came. Throws as `list` does.
   */
  async read(
    { repository, commit }: Pick<HubListing, "repository" | "commit">,
    path: string,
    { from, etag, signal }: ReadFrom,
  ): Promise<HubAnswer> {
    const address = `${this.endpoint}/${repository}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
    const range: Record<string, string> =
      from > 0 ? { Range: `bytes=${from}-`, ...(etag && { "If-Range": etag }) } : {};
    // Parts of a packed answer could not be laid one behind the other.
    return await this.#ask(address, repository, { ...range, "Accept-Encoding": "identity" }, signal);
  }

  unreachable(cause: unknown): PassingFailure {
    return unreachable(this.endpoint, cause);
  }

  pageInstead(): OverpaintError {
    return pageInstead(this.endpoint);
  }

  async #json(address: string, repository: string, signal?: AbortSignal): Promise<JsonAnswer> {
    return await withRetries(this, signal, async () => {
      const answer = await this.#ask(address, repository, { Accept: "application/json" }, signal);
      const text = await answer.text().catch((cause) => {
        throw unreachable(this.endpoint, cause);
      });
      const following = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
      if (following !== undefined && !following.startsWith(`${this.endpoint}/`))
        throw new OverpaintError("hub-unreachable", `The hub's listing goes on elsewhere: ${following}.`);
      try {
        return { json: JSON.parse(text), following };
      } catch (cause) {
        throw pageInstead(this.endpoint, cause);
      }
    });
  }

  async #ask(
    address: string,
    repository: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<HubAnswer> {
    const authorization: Record<string, string> =
      this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
    const answer = await this.#fetch(address, { headers: { ...headers, ...authorization }, signal }).catch((cause) => {
      signal?.throwIfAborted();
      if (cause instanceof OverpaintError) throw cause;
      throw unreachable(this.endpoint, cause);
    });
    const isUsable = answer.status === 200 || answer.status === 206 || answer.status === 416;
    if (isUsable) return answer;
    throw await answerError(answer, {
      endpoint: this.endpoint,
      repository,
      hasToken: this.#token !== undefined,
      now: this.clock.now(),
    });
  }
}

interface JsonAnswer {
  readonly json: unknown;
  readonly following: string | undefined;
}

function licenceOf(card: z.output<typeof infoSchema>["cardData"]): string | undefined {
  const { license, license_name: name } = card ?? {};
  const said = license === "other" && typeof name === "string" ? name : license;
  return typeof said === "string" ? said : undefined;
}
