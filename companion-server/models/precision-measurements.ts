import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { measuredPrecisionSchema } from "../../shared/protocol/models/precision.ts";
import { makeFolder } from "../make-folder.ts";
import { packFingerprint } from "./files/list-pack-files.ts";
import type { ModelPlaces } from "./model-place.ts";

const measurementsSchema = z.object({
  device: z.string(),
  steps: z.number(),
  pictures: z.number(),
  precisions: z.array(measuredPrecisionSchema),
});
/** What a model's precisions cost and lose on this machine. */
export type PrecisionMeasurements = z.output<typeof measurementsSchema>;

const fileSchema = z.record(z.string(), measurementsSchema);

/** In the data folder. */
export const MEASUREMENTS_FILE = "precision-measurements.json";

/** What was measured of models, the file read once. */
export async function openMeasurements(file: string): Promise<Measurements> {
  const all = await readAll(file);
  // Where nothing was measured, nothing needs to be known of the files.
  const isEmpty = Object.keys(all).length === 0;
  return { of: async (places) => (isEmpty ? undefined : all[await keyOf(places)]) };
}

export interface Measurements {
  /** Of a model as its files are now; undefined where nothing was measured. */
  of(places: ModelPlaces): Promise<PrecisionMeasurements | undefined>;
}

export async function rememberMeasurements(
  file: string,
  places: ModelPlaces,
  measurements: PrecisionMeasurements,
): Promise<void> {
  const all = { ...(await readAll(file)), [await keyOf(places)]: measurements };
  await makeFolder(dirname(file));
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, JSON.stringify(all));
  await rename(unfinished, file);
}

async function keyOf(places: ModelPlaces): Promise<string> {
  return createHash("sha256")
    .update(await packFingerprint(places))
    .digest("hex");
}

async function readAll(file: string): Promise<z.output<typeof fileSchema>> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return {}; // none yet, or damaged: measured again when somebody asks
  }
}
