import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { HubFile } from "../../../shared/hub/hub-client.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Python's huggingface_hub keeps what it fetched. */
function cacheFolder(env: Environment): string {
  if (env.HF_HUB_CACHE) return env.HF_HUB_CACHE;
  if (env.HUGGINGFACE_HUB_CACHE) return env.HUGGINGFACE_HUB_CACHE;
  return join(env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface"), "hub");
}

/**
 * A file of the hub in the cache that other programs on this machine fill, found by its digest. Later versions spread blobs over
 * folders. Undefined where there is none, or none that is whole.
 */
export async function findInHubCache(
  repository: string,
  { digest, size }: HubFile,
  env: Environment = process.env,
): Promise<string | undefined> {
  const blobs = join(cacheFolder(env), `models--${repository.replace("/", "--")}`, "blobs");
  for (const blob of [join(blobs, digest.hex), join(blobs, digest.hex.slice(0, 2), digest.hex)]) {
    const found = await realpath(blob).catch(() => undefined);
    if (found !== undefined && (await stat(found)).size === size) return found;
  }
  return undefined;
}
