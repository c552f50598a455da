import { listPackFiles } from "./list-pack-files.ts";

/** Changes whenever a file of the pack is added, removed, replaced or rewritten. Reads no file's content. */
export async function packFingerprint(folder: string): Promise<string> {
  const files = await listPackFiles(folder);
  return files.map(({ path, size, modified }) => `${path} ${size} ${modified}`).join("\n");
}
