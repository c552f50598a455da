import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { ArrivingModel, FileWriter } from "./arriving-model.ts";
import type { FileSource, HubFile, HubListing } from "./hub-client.ts";
import type { CreateHasher, Hasher, HubAnswer } from "./hub-fetch.ts";
import { type Tries, withRetries } from "./with-retries.ts";

export interface FetchFileOptions {
  readonly hub: FileSource;
  readonly from: Pick<HubListing, "repository" | "commit">;
  readonly into: ArrivingModel;
  readonly createHasher: CreateHasher;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file that are there. */
  readonly onProgress: (bytes: number) => void;
  /** Whether it was taken over from elsewhere, and need only be read. */
  readonly isAdopted?: boolean;
}

/** Times that a file is fetched from its first byte because it turned out to be another one. */
const MOST_BEGINNINGS = 3;

/**
 * Brings a file of the hub into a model that is arriving, from where an earlier try ended, and answers its SHA-256. Everything
 * is hashed while it is written. Throws OverpaintError `damaged-model` where the hub sends something else than it lists.
 */
export async function fetchFile(file: HubFile, options: FetchFileOptions): Promise<string> {
  const { hub, into, signal, isAdopted = false } = options;
  if (isAdopted) {
    const digest = await digestOfKept(file, options);
    if (digest.isRight) return digest.sha256;
  }
  for (let beginnings = 0; beginnings < MOST_BEGINNINGS; beginnings += 1) {
    const kept = await into.keptBytes(file.path);
    const from = kept > file.size ? 0 : kept;
    const arriving = new ArrivingFile(file, options, await into.open(file.path, from));
    try {
      await arriving.readKept(from);
      await withRetries(hub, signal, (tries) => arriving.readOn(tries));
      const { isRight, sha256 } = arriving.finish();
      if (isRight) return sha256;
    } catch (error) {
      if (error !== CHANGED) throw error;
    } finally {
      await arriving.close();
    }
    // Not cut: another program may have these bytes under a name of its own.
    await into.discard(file.path);
    await into.rememberTag(file.path, undefined);
  }
  throw new OverpaintError(
    "damaged-model",
    `${file.path} arrives otherwise than the hub lists it (${file.digest.algorithm} ${file.digest.hex.slice(0, 12)}…).`,
    hub.remedyForDamage,
  );
}

/** Thrown where what was kept belongs to another file than the hub has now. */
const CHANGED = new Error("the file changed at the hub");

/** One file on its way, from the byte that it was left at. */
class ArrivingFile {
  readonly #file: HubFile;
  readonly #options: FetchFileOptions;
  readonly #writer: FileWriter;
  readonly #digests: Digests;
  #bytes = 0;

  constructor(file: HubFile, options: FetchFileOptions, writer: FileWriter) {
    this.#file = file;
    this.#options = options;
    this.#writer = writer;
    this.#digests = new Digests(file, options.createHasher);
  }

  /** Hashes what an earlier try left. */
  async readKept(bytes: number): Promise<void> {
    const { into, signal, onProgress } = this.#options;
    for await (const piece of into.read(this.#file.path, bytes)) {
      signal?.throwIfAborted();
      this.#digests.add(piece);
      this.#bytes += piece.length;
      onProgress(this.#bytes);
    }
  }

  async readOn(tries: Tries): Promise<void> {
    const { hub, from, into, signal, onProgress } = this.#options;
    const { path, size } = this.#file;
    if (this.#bytes === size) return;
    const etag = await into.tagOf(path);
    const answer = await hub.read(from, path, { from: this.#bytes, etag, signal });
    // The hub has no such byte, or has another file than before and sends it whole: what is there is of no use.
    const isAnother =
      answer.status === 416 || (answer.status === 200 && this.#bytes > 0) || !this.#continues(answer.headers);
    const isPage = /^text\/html/i.test(answer.headers.get("content-type") ?? "") && !/\.html?$/i.test(path);
    if (isAnother || isPage) {
      await leave(answer);
      throw isAnother ? CHANGED : hub.pageInstead();
    }
    const tag = answer.headers.get("etag");
    // Weak ones tell nothing about bytes, and If-Range may not name them.
    await into.rememberTag(path, tag === null || tag.startsWith("W/") ? undefined : tag);
    try {
      for await (const piece of answer.body ?? []) {
        signal?.throwIfAborted();
        if (this.#bytes + piece.length > size) throw CHANGED;
        await this.#writer.write(piece);
        this.#digests.add(piece);
        this.#bytes += piece.length;
        tries.progressed();
        onProgress(this.#bytes);
      }
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause === CHANGED || isFromStore(cause)) throw cause;
      throw hub.unreachable(cause);
    }
    if (this.#bytes < size) throw hub.unreachable(new Error("the connection was cut"));
  }

  finish(): FileDigest {
    return this.#digests.finish();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  /** Whether an answer goes on where the file was left, and is of a file as long as it. */
  #continues(headers: { get(name: string): string | null }): boolean {
    const range = headers.get("content-range");
    if (range === null) return true;
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
    return Number(first) === this.#bytes && (total === "*" || Number(total) === this.#file.size);
  }
}

/** Ends an answer that is of no use: a body that nobody reads holds its connection. */
async function leave({ body }: HubAnswer): Promise<void> {
  try {
    for await (const _ of body ?? []) return;
  } catch {
    // It was cut, and holds nothing any more.
  }
}

/** Failures of the disk are not the connection's. */
function isFromStore(error: unknown): boolean {
  return (
    error instanceof OverpaintError ||
    (error instanceof Error && "code" in error && "syscall" in error && error.syscall === "write")
  );
}

interface FileDigest {
  readonly sha256: string;
  /** Whether it is the file that the hub lists. */
  readonly isRight: boolean;
}

/** SHA-256 of a file, and where the hub lists git's digest, that too. */
class Digests {
  readonly #file: HubFile;
  readonly #sha256: Hasher;
  readonly #gitBlob: Hasher | undefined;
  #bytes = 0;

  constructor(file: HubFile, createHasher: CreateHasher) {
    this.#file = file;
    this.#sha256 = createHasher("sha256");
    if (file.digest.algorithm !== "git-blob") return;
    this.#gitBlob = createHasher("sha1");
    this.#gitBlob.add(new TextEncoder().encode(`blob ${file.size}\0`));
  }

  add(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#sha256.add(bytes);
    this.#gitBlob?.add(bytes);
  }

  finish(): FileDigest {
    const sha256 = this.#sha256.finish();
    const listed = this.#gitBlob?.finish() ?? sha256;
    return { sha256, isRight: this.#bytes === this.#file.size && listed === this.#file.digest.hex };
  }
}

async function digestOfKept(
  file: HubFile,
  { into, createHasher, signal, onProgress }: FetchFileOptions,
): Promise<FileDigest> {
  const digests = new Digests(file, createHasher);
  let bytes = 0;
  for await (const piece of into.read(file.path, file.size)) {
    signal?.throwIfAborted();
    digests.add(piece);
    bytes += piece.length;
    onProgress(bytes);
  }
  const digest = digests.finish();
  if (!digest.isRight) await into.discard(file.path);
  return digest;
}
