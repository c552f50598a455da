import { DiskPackFiles } from "../../../companion-server/engine/child/graphs/disk-pack-files.ts";
import { MappedCheckpoint } from "../../../companion-server/engine/child/graphs/mapped-checkpoint.ts";
import { Stopwatch } from "../../../companion-server/engine/stopwatch.ts";
import { openModelFiles } from "../../../companion-server/models/files/open-model-files.ts";
import type { ModelPlaces } from "../../../companion-server/models/model-place.ts";
import type { DiffusionModel } from "../../../shared/diffusion/models/diffusion-model.ts";
import { openDiffusionModel } from "../../support/open-diffusion-model.ts";

/** A model and what it is opened with, on the processor. */
export async function openCheckpoint(places: ModelPlaces): Promise<DiffusionModel> {
  const stopwatch = () => new Stopwatch();
  const pack = new DiskPackFiles(places, "cpu", stopwatch);
  return await openDiffusionModel(
    await openModelFiles(places, pack, new MappedCheckpoint(places, { device: "cpu", stopwatch })),
  );
}
