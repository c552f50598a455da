import { z } from "zod";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type CacheEntry, ModelCache, type Sources } from "./model-cache.ts";

const GIGABYTE = 1024 ** 3;
/** Room for the denoisers of three models of Stable Diffusion 1.5's size, or of one of XL's and one smaller. */
const DEFAULT_LIMIT = 20 * GIGABYTE;

/** Of the weights' file beside the graph. */
export const PACKED_WEIGHTS = "graph.bin";

const aboutSchema = z.object({
  /** As a pack calls it: unet/model.onnx. */
  graph: z.string(),
  /** What it was packed by and for: version of the runtime, features of the processor. */
  runtime: z.string(),
});
type PackedAbout = z.output<typeof aboutSchema>;
export type PackedFacts = PackedAbout & { readonly sources: Sources };
export type PackedGraph = CacheEntry<PackedAbout>;

/**
 * Bytes that packed graphs may take on disk, from `OVERPAINT_PACKED`, a number of GB; 0 switches them off.
 * Throws OverpaintError `invalid-request` when it is none.
 */
export function packedLimit(text = process.env.OVERPAINT_PACKED): number {
  if (text === undefined || text === "") return DEFAULT_LIMIT;
  const gigabytes = Number(text);
  if (gigabytes >= 0 && Number.isFinite(gigabytes)) return gigabytes * GIGABYTE;
  throw new OverpaintError(
    "invalid-request",
    `OVERPAINT_PACKED is "${text}", which is no number of gigabytes.`,
    "Set it to a number such as 20, to 0 for none, or leave it out.",
  );
}

/** Graphs with their weights laid out as the processor computes fastest, `PACKED_WEIGHTS` beside each. */
export class PackedGraphs extends ModelCache<PackedAbout> {
  constructor(folder: string) {
    super(folder, { file: "graph.onnx", about: aboutSchema });
  }

  /** Removes what is of no use any more and, where `runtime` is told, what was packed for another runtime or processor. */
  async sweepFor(runtime: string | undefined): Promise<void> {
    await this.sweep((entry) => runtime !== undefined && entry.runtime !== runtime);
  }
}
