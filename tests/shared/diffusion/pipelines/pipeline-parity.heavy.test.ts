import { afterAll, describe, it } from "vitest";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { expectAsRecorded, packFolders, recordedRuns, referenceInputs } from "./reference-fixture.ts";
import { describeRun, drawReferenceRun } from "./reference-run.ts";

const packs = new Map<string, Promise<DiffusionModel>>();
afterAll(async () => {
  for (const model of packs.values()) await (await model).release();
});

function openPack(layers: readonly string[]): Promise<DiffusionModel> {
  const key = layers.join("+");
  const opened = packs.get(key) ?? openDiffusionModel(new NodePackFiles(...packFolders(layers)));
  packs.set(key, opened);
  return opened;
}

describe("pipelines draw what diffusers draws", () => {
  it.each(recordedRuns.map((run) => [describeRun(run), run] as const))("%s", async (_, run) => {
    expectAsRecorded(await drawReferenceRun(await openPack(run.layers), run, referenceInputs), run);
  });

  it.each(
    recordedRuns
      .filter(({ batch, layers }) => batch > 1 || layers.includes("xl"))
      .map((run) => [describeRun(run), run] as const),
  )("with the halves of guidance apart: %s", async (_, run) => {
    expectAsRecorded(await drawReferenceRun(await openPack(run.layers), run, referenceInputs, "apart"), run);
  });
});
