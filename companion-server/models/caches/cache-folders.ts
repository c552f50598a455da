import { join } from "node:path";
import { PackedGraphs, packedLimit } from "./packed-graphs.ts";
import { QuantisedFiles } from "./quantised-files.ts";

/** Where what is made of models lies; all of it can be made again. */
export interface CacheFolders {
  readonly packedGraphs: string;
  readonly quantisedWeights: string;
}

export function cacheFolders(dataFolder: string): CacheFolders {
  return { packedGraphs: join(dataFolder, "packed-graphs"), quantisedWeights: join(dataFolder, "quantised-weights") };
}

/** Removes what was made of models that are gone or were changed, what was left half written, and what a lower limit has no room for. */
export async function sweepCaches({ packedGraphs, quantisedWeights }: CacheFolders): Promise<void> {
  await new QuantisedFiles(quantisedWeights).sweep();
  const packed = new PackedGraphs(packedGraphs);
  await packed.sweep();
  await packed.makeRoom(0, packedLimit());
}
