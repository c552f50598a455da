import { basename } from "node:path";
import { Worker } from "node:worker_threads";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { programFile } from "../../package-root.ts";
import { listModelFiles, type OpenedWeights, type PackFile } from "../files/list-pack-files.ts";
import type { ModelPlaces } from "../model-place.ts";
import { type FileDigest, FileDigests, hashFile, sampleFile } from "./file-digests.ts";

/** SHA-256 of every file of a model that takes part in drawing, by its name in the pack. */
export type PackHashes = Readonly<Record<string, string>>;

/** As much is read at once; more of it beside the work that needs nothing of it. */
const AT_ONCE_BYTES = 64 * 1024 ** 2;
const HASHER = programFile("hasher");

/** What its owner says about a model, and may say otherwise at any time. */
export const OWNERS_WORDS = /(^|\.)overpaint\.json$/;

export interface HashPackOptions {
  /** As in `listModelFiles`. */
  readonly opened?: OpenedWeights | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Hashes a model whole. A file whose size, time and sampled blocks are those remembered in `memory` is not read again.
 * Throws OverpaintError `damaged-model` where a file is not what was installed.
 */
export async function hashPack(
  places: ModelPlaces,
  memory: string,
  options: HashPackOptions = {},
): Promise<PackHashes> {
  return await (await startHashing(places, memory, options)).hashes;
}

/**
 * Looks whether a model is what it was, which takes no time, and begins to hash what is not known of it. Gigabytes are hashed by
 * a thread, so that drawing need not wait. Throws as `hashPack` does; `hashes` rejects when the signal is aborted, and what was
 * hashed by then stays known.
 */
export async function startHashing(
  places: ModelPlaces,
  memory: string,
  { opened, signal }: HashPackOptions = {},
): Promise<{ readonly hashes: Promise<PackHashes> }> {
  const digests = new FileDigests(memory);
  const known = await digests.read();
  const files = await listModelFiles(places, opened);
  const unknown: PackFile[] = [];
  const hashes = new Map<string, string>();
  for (const file of files) {
    const digest = known[file.path];
    const isSame =
      digest !== undefined && digest.size === file.size && digest.sample === (await sampleFile(file.path, file.size));
    if (!isSame && mustStay(file, digest)) throw changed(file, digest, places);
    if (isSame && digest.modified === file.modified) hashes.set(file.name, digest.sha256);
    else unknown.push(file);
  }
  const finish = async () => {
    for await (const [file, sha256] of hashFiles(unknown, signal)) {
      const { size, modified, path } = file;
      if (known[path]?.sha256 !== sha256 && mustStay(file, known[path])) throw changed(file, known[path], places);
      hashes.set(file.name, sha256);
      const digest: FileDigest = { ...known[path], size, modified, sha256, sample: await sampleFile(path, size) };
      // Where nothing can be remembered the files are read again next time.
      await digests.remember({ [path]: digest }).catch(() => {});
    }
    // In the order of the files, whichever were known: the recipe of the same picture is the same.
    return Object.fromEntries(files.map(({ name }) => [name, hashes.get(name)!])); // each was known or is hashed by now
  };
  const pending = finish();
  // Who waits for it hears of a failure; until then nobody does.
  pending.catch(() => {});
  return { hashes: pending };
}

async function* hashFiles(
  files: readonly PackFile[],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly [PackFile, string]> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= AT_ONCE_BYTES) {
    for (const file of files) yield [file, await hashFile(file.path, { signal })];
    return;
  }
  const worker = new Worker(HASHER);
  try {
    for (const file of files) yield [file, await askWorker(worker, file.path, signal)];
  } finally {
    await worker.terminate();
  }
}

function askWorker(worker: Worker, path: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off("message", onMessage).off("error", onError);
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    const onMessage = (sha256: string) => settle(() => resolve(sha256));
    const onError = (error: unknown) => settle(() => reject(error));
    const onAbort = () => settle(() => reject(signal?.reason));
    worker.on("message", onMessage).on("error", onError);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) return onAbort();
    worker.postMessage(path);
  });
}

/** Whether it is a fault when a file changes. */
function mustStay({ name }: PackFile, digest: FileDigest | undefined): boolean {
  return digest?.isRecorded === true && !OWNERS_WORDS.test(name);
}

function changed({ name }: PackFile, digest: FileDigest | undefined, { folder }: ModelPlaces): OverpaintError {
  const id = digest?.model ?? basename(folder);
  return new OverpaintError(
    "damaged-model",
    `The model's ${name} is not what was installed: it was changed, or its disk damaged it.`,
    `Repair it (overpaint models repair ${id}); if you changed it yourself, say so (overpaint models verify ${id} --accept).`,
  );
}
