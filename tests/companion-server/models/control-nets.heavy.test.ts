import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referenceInputs } from "../../shared/diffusion/pipelines/reference-fixture.ts";
import {
  describeRun,
  drawReferenceRun,
  type ReferenceRun,
  toTensor,
} from "../../shared/diffusion/pipelines/reference-run.ts";
import { type FixtureRange, readFixture } from "../../support/fixture-file.ts";
import { largestDifference, rangeOf } from "../../support/largest-difference.ts";
import { inRepository } from "../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { openCheckpoint } from "../support/open-checkpoint.ts";

interface ControlledRun extends ReferenceRun {
  readonly controls: readonly {
    readonly net: 0 | 1;
    readonly strength: number;
    readonly start: number;
    readonly end: number;
  }[];
  readonly latents: readonly FixtureRange[];
  readonly pixels: FixtureRange;
}

const { content, bytes, floats } = readFixture<{
  readonly runs: readonly ControlledRun[];
  readonly pictures: readonly FixtureRange[];
}>("checkpoints/controls");
const checkpoint = (name: string) => inRepository(`tests/fixtures/checkpoints/${name}`);

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  const layersOf = new Set(content.runs.map(({ layers }) => layers.join("+")));
  for (const layers of layersOf)
    for (const layer of layers.split("+")) {
      await cp(checkpoint(layer), join(folder.path, layers), { recursive: true });
      // A scheduler that diffusers saves says its defaults too, which another one made of it would then take over.
      const scheduler = inRepository(`tests/fixtures/packs/${layer}/scheduler`);
      if (existsSync(scheduler)) await cp(scheduler, join(folder.path, layers, "scheduler"), { recursive: true });
    }
});
afterAll(() => folder.remove());

describe("ControlNets draw what diffusers draws with them", () => {
  const named = content.runs.map((run) => [`${describeRun(run)}, ${run.controls.length} controls`, run] as const);
  test.each(named)("%s", async (_, run) => {
    const nets = run.layers.includes("xl") ? ["control-net-xl"] : ["control-net", "control-net-2"];
    const controlNets = run.controls.map(({ net }) => ({ folder: checkpoint(nets[net]!) })); // XL has the first only
    const model = await openCheckpoint({ folder: join(folder.path, run.layers.join("+")), controlNets });
    const controls = run.controls.map(({ net, ...hold }, k) => ({
      ...hold,
      net: k,
      picture: toTensor(bytes(content.pictures[net]!), 64, 64).data.map((value) => (value + 1) / 2), // there are two
    }));
    const drawn = await drawReferenceRun(model, { ...run, options: { ...run.options, controls } }, referenceInputs);
    await model.release();
    expect(drawn.latents).toHaveLength(run.latents.length);
    for (const [step, range] of run.latents.entries()) {
      const expected = floats(range);
      expect(largestDifference(drawn.latents[step]!, expected) / rangeOf(expected)).toBeLessThan(1e-4); // one a step
    }
    expect(largestDifference(drawn.pixels, bytes(run.pixels))).toBeLessThanOrEqual(2);
  });
});

describe("what cannot be controlled is refused in one sentence", () => {
  test("a ControlNet of another family", async () => {
    const places = { folder: checkpoint("base"), controlNets: [{ folder: checkpoint("control-net-xl") }] };
    await expect(openCheckpoint(places)).rejects.toThrow(
      "The ControlNet reads text of width 32, the model of 16: it is for another family.",
    );
  });

  test("a pack of ONNX graphs", async () => {
    const pack = inRepository("tests/fixtures/packs/base");
    await expect(
      openCheckpoint({ folder: pack, controlNets: [{ folder: checkpoint("control-net") }] }),
    ).rejects.toThrow("The model's unet is an ONNX graph, which takes no ControlNets.");
  });

  test("a folder of something else", async () => {
    const places = { folder: checkpoint("base"), controlNets: [{ folder: checkpoint("taesd") }] };
    await expect(openCheckpoint(places)).rejects.toThrow(
      "The folder holds no ControlNet, but the class AutoencoderTiny.",
    );
  });
});
