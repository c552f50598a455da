import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { makeFolder } from "../make-folder.ts";
import { listModelFiles, type OpenedWeights } from "./list-pack-files.ts";
import type { ModelPlaces } from "./model-place.ts";

const cacheSchema = z.record(z.string(), z.object({ size: z.number(), modified: z.number(), sha256: z.string() }));
type HashCache = z.output<typeof cacheSchema>;

/** SHA-256 of a file as lower-case hex, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * SHA-256 of every file of a model that takes part in drawing, by its name in the pack. Hashing gigabytes takes seconds, so a file whose size
 * and time of change are those remembered in `cacheFile` is not read again. `opened` as in `listModelFiles`.
 */
export async function hashPack(
  places: ModelPlaces,
  cacheFile: string,
  opened?: OpenedWeights,
): Promise<Readonly<Record<string, string>>> {
  const cache = await readCache(cacheFile);
  const hashes: Record<string, string> = {};
  let isCacheOutdated = false;
  for (const { name, path, size, modified } of await listModelFiles(places, opened)) {
    let known = cache[path];
    if (known?.size !== size || known.modified !== modified) {
      known = { size, modified, sha256: await hashFile(path) };
      cache[path] = known;
      isCacheOutdated = true;
    }
    hashes[name] = known.sha256;
  }
  // Where nothing can be remembered the files are read again next time.
  if (isCacheOutdated) await writeCache(cacheFile, cache).catch(() => {});
  return hashes;
}

async function readCache(file: string): Promise<HashCache> {
  // A missing or damaged cache costs a little time and nothing else.
  const text = await readFile(file, "utf8").catch(() => "{}");
  try {
    return cacheSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

async function writeCache(file: string, cache: HashCache): Promise<void> {
  await makeFolder(dirname(file));
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify(cache));
  await rename(unfinished, file);
}
