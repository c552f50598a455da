import { createHash } from "node:crypto";
import { listPackFiles } from "../files/list-pack-files.ts";
import { entriesIn, filePlace, isFile, WEIGHTS } from "../place-at.ts";

/**
 * What tells the files of everything installed below the roots from others under the same name, by id: their names and sizes, the same
 * on every machine that has them. Reads no file's content. Of two with one id the earlier root's.
 */
export async function modelFingerprints(roots: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const found = new Map<string, string>();
  for (const root of roots)
    for (const { id, path } of await entriesIn(root)) {
      const isWeights = WEIGHTS.test(path);
      if (found.has(id) || (!isWeights && (await isFile(path)))) continue;
      const files = await listPackFiles(isWeights ? filePlace(path) : { folder: path });
      if (files.some(({ name }) => isOfModel(name))) found.set(id, fingerprint(files));
    }
  return Object.fromEntries(found);
}

/** Beside models lie their catalog and a tokenizer. */
function isOfModel(name: string): boolean {
  return WEIGHTS.test(name) || name.endsWith(".onnx") || name === "model_index.json";
}

const DIGITS = 16;

function fingerprint(files: readonly { readonly name: string; readonly size: number }[]): string {
  const lines = files.map(({ name, size }) => `${name} ${size}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, DIGITS);
}
