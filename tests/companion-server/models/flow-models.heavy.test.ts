import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DiffusionModel } from "../../../shared/diffusion/models/diffusion-model.ts";
import { toTensor } from "../../shared/diffusion/pipelines/reference-run.ts";
import { drawFlowRun, levelOf } from "../../support/draw-flow-run.ts";
import {
  describeFlowRun,
  type FlowFamily,
  type FlowRun,
  flowFamilies,
  flowFixture,
  flowFolder,
} from "../../support/flow-models.ts";
import { largestDifference, rangeOf } from "../../support/largest-difference.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { openCheckpoint } from "../support/open-checkpoint.ts";

/** Latents after each step, as a share of their range. */
const TOLERANCE = 1e-4;
/** 8-bit levels of the final picture. */
const LARGEST_LEVEL_DIFFERENCE = 2;

const { content, bytes, floats } = flowFixture;
const models = new Map<string, Promise<DiffusionModel>>();
let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  for (const model of models.values()) await (await model).release();
  await folder.remove();
});

/** A family's model, with an index that says what the run's did. */
function openModel(family: FlowFamily, { config }: FlowRun): Promise<DiffusionModel> {
  const key = `${family} ${JSON.stringify(config)}`.replaceAll(/\W+/g, "-");
  const opened = models.get(key) ?? openChanged(family, join(folder.path, key), config);
  models.set(key, opened);
  return opened;
}

async function openChanged(family: FlowFamily, path: string, config: FlowRun["config"]): Promise<DiffusionModel> {
  await cp(flowFolder(family), path, { recursive: true });
  const index = join(path, "model_index.json");
  await writeFile(index, JSON.stringify({ ...JSON.parse(await readFile(index, "utf8")), ...config }));
  return await openCheckpoint({ folder: path });
}

const inputs = {
  picture: (size: string) => bytes(content.inputs.pictures[size]!), // the generator stores it
  mask: (size: string) => bytes(content.inputs.masks[size]!), // as well
};

/** Of other sizes, diffusers first makes some that the models can take. */
function isExact({ source, references }: FlowRun): boolean {
  return [source, ...references].flat().every((side) => side % 16 === 0);
}

const runs = flowFamilies.flatMap((family) =>
  content[family].runs.filter(isExact).map((run) => ({ family, run, title: describeFlowRun(run) })),
);

describe("FLUX.2 klein and Z-Image draw what diffusers draws with them", () => {
  test.each(runs)("$family: $title", async ({ family, run }) => {
    const latents: Float32Array[] = [];
    const model = await openModel(family, run);
    const picture = await drawFlowRun(model, run, inputs, (step) => void latents.push(step.latents));
    expect(latents).toHaveLength(run.latents.length);
    for (const [step, range] of run.latents.entries()) {
      const expected = floats(range);
      expect(largestDifference(latents[step]!, expected) / rangeOf(expected)).toBeLessThan(TOLERANCE); // as many steps
    }
    const expected = toTensor(bytes(run.pixels), ...run.size).data.map(levelOf);
    expect([picture.width, picture.height]).toEqual(run.size);
    expect(largestDifference(picture.data.map(levelOf), expected)).toBeLessThanOrEqual(LARGEST_LEVEL_DIFFERENCE);
    expect(rangeOf(expected)).toBeGreaterThan(20); // so that another picture would be seen
  });
});
