import { open } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import type { ActivationRanges } from "../../../shared/weights/quantise/quantise-convolution.ts";
import {
  QUANTISED_VERSION,
  type QuantisedFile,
  writeQuantisedFile,
} from "../../../shared/weights/quantise/quantised-file.ts";
import type { DiskCheckpoint } from "../files/disk-checkpoint.ts";
import { describeSource, digestOf, ModelCache, type Sources } from "./model-cache.ts";

const aboutSchema = z.object({
  /** As a checkpoint calls it: unet.int4.safetensors. */
  name: z.string(),
});

/** Quantised weights of models, a file for each part and precision. */
export class QuantisedFiles extends ModelCache<z.output<typeof aboutSchema>> {
  readonly #drawnWith: string;

  /** @param drawnWith what else decides the ranges that convolutions are measured in: the pictures are drawn with it */
  constructor(folder: string, drawnWith = "") {
    super(folder, { file: "weights.safetensors", about: aboutSchema });
    this.#drawnWith = drawnWith;
  }

  /** The path of a planned file, which is written if it is not there yet. Throws as `writeQuantisedFile` does. */
  async make(planned: QuantisedFile, disk: DiskCheckpoint, ranges: () => Promise<ActivationRanges>): Promise<string> {
    const sources = await sourcesOf(planned, disk);
    const name = basename(planned.file);
    const measuredWith = planned.convolutions.size > 0 ? [this.#drawnWith] : [];
    const key = digestOf(JSON.stringify([QUANTISED_VERSION, name, sources, ...measuredWith]));
    const known = await this.find(key);
    if (known !== undefined) return known;
    await this.sweep();
    const measured = planned.convolutions.size > 0 ? await ranges() : undefined;
    return await this.add(key, { name, sources }, (path) => write(planned, disk, path, measured));
  }
}

async function sourcesOf({ sources }: QuantisedFile, disk: DiskCheckpoint): Promise<Sources> {
  const files = [...new Set([...sources.values()].map(({ file }) => file))].sort();
  return await Promise.all(files.map(async (file) => describeSource(await disk.realFile(file))));
}

async function write(
  planned: QuantisedFile,
  disk: DiskCheckpoint,
  path: string,
  ranges?: ActivationRanges,
): Promise<void> {
  const target = await open(path, "wx", 0o600);
  try {
    const writeAt = async (bytes: Uint8Array, offset: number) => {
      for (let done = 0; done < bytes.length; )
        done += (await target.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    };
    await writeQuantisedFile(planned, disk, writeAt, ranges);
    await target.sync();
  } finally {
    await target.close();
  }
}
