import { z } from "zod";

/** A file that the browser engine may fetch, written by the build. */
const listedFileSchema = z.object({
  /** Below the root that the list lies in. */
  path: z.string(),
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ListedFile = z.output<typeof listedFileSchema>;

const LIST = "engine-files.json";

/** The list at `root`, which ends in a slash; empty where there is none, as in development. Rejects where the server does not answer. */
export async function readListedFiles(root: URL, fetch: typeof globalThis.fetch): Promise<readonly ListedFile[]> {
  const response = await fetch(new URL(LIST, root));
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  if (response.status === 404 || isPage) return [];
  if (!response.ok) throw new Error(`status ${response.status}`);
  return z.array(listedFileSchema).parse(await response.json());
}

/** The ids of the models that have listed files. */
export function modelsIn(files: readonly ListedFile[]): ReadonlySet<string> {
  return new Set(files.flatMap(({ path }) => /^models\/([^/]+)\//.exec(path)?.[1] ?? []));
}

/** What is fetched together: a pack's folder, or a single file. */
export function groupOf(path: string): string {
  return /^models\/[^/]+\//.exec(path)?.[0] ?? path;
}
