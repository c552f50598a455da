import { z } from "zod";

/** Written by the build beside the panel's folder: paths below the root. */
const ENGINE_FILES_LIST = "engine-files.json";
const listSchema = z.array(z.string());

/**
 * Fetches everything the browser engine needs for the bundled pack and keeps it in memory, as blob URLs by address.
 * `root` ends in a slash. Throws when a file cannot be fetched.
 */
export async function keepEngineFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const paths = listSchema.parse(await (await fetchFile(new URL(ENGINE_FILES_LIST, root))).json());
  const kept = new Map<string, string>();
  // One after the other: this must not slow down what somebody waits for.
  for (const path of paths) {
    const address = new URL(path, root);
    kept.set(address.href, URL.createObjectURL(await (await fetchFile(address)).blob()));
  }
  return kept;
}

async function fetchFile(address: URL): Promise<Response> {
  const response = await fetch(address, { priority: "low" });
  if (!response.ok) throw new Error(`${address.pathname}: status ${response.status}`);
  return response;
}
