import { expect, test } from "vitest";
import { clipPicture } from "../../../shared/editing/context/clip-picture.ts";
import { referenceInputs } from "../../shared/diffusion/pipelines/reference-fixture.ts";
import { describeRun, drawReferenceRun, type ReferenceRun } from "../../shared/diffusion/pipelines/reference-run.ts";
import { type FixtureRange, readFixture } from "../../support/fixture-file.ts";
import { largestDifference, rangeOf } from "../../support/largest-difference.ts";
import { inRepository } from "../../support/repository.ts";
import { openCheckpoint } from "../support/open-checkpoint.ts";

interface PromptedRun extends ReferenceRun {
  readonly references: {
    readonly pictures: readonly {
      readonly size: readonly [width: number, height: number];
      readonly pixels: FixtureRange;
    }[];
    readonly strength: number;
  };
  readonly latents: readonly FixtureRange[];
  readonly pixels: FixtureRange;
}

const { content, bytes, floats } = readFixture<{ readonly runs: readonly PromptedRun[] }>(
  "checkpoints/picture-prompts",
);
const checkpoint = (name: string) => inRepository(`tests/fixtures/checkpoints/${name}`);
const folder = checkpoint("ip-adapter");
const ipAdapter = { folder, file: "ip-adapter.safetensors", encoder: `${folder}/image_encoder` };

const named = content.runs.map((run) => [describeRun(run), run] as const);
test.each(named)("draws after pictures what diffusers draws: %s", async (_, run) => {
  const model = await openCheckpoint({ folder: checkpoint("base"), ipAdapter });
  const { strength } = run.references;
  const pictures = run.references.pictures.map(({ size: [width, height], pixels }) =>
    clipPicture({ width, height, data: toRgba(bytes(pixels)) }, model.picturePromptSide ?? 0),
  );
  const picturePrompt = { pictures, strength };
  const drawn = await drawReferenceRun(model, { ...run, options: { ...run.options, picturePrompt } }, referenceInputs);
  await model.release();
  // A level of the picture that is rounded otherwise than PIL rounds between both directions.
  const isRounded = run.references.pictures.some(({ size }) => size[0] !== model.picturePromptSide);
  const tolerance = isRounded ? 2e-3 : 1e-4;
  expect(drawn.latents).toHaveLength(run.latents.length);
  for (const [step, range] of run.latents.entries()) {
    const expected = floats(range);
    expect(largestDifference(drawn.latents[step]!, expected) / rangeOf(expected)).toBeLessThan(tolerance); // one a step
  }
  expect(largestDifference(drawn.pixels, bytes(run.pixels))).toBeLessThanOrEqual(2);
});

test("refuses an adapter for another family, and what is none", async () => {
  await expect(openCheckpoint({ folder: checkpoint("base"), ipAdapter: { ...ipAdapter, ...vae } })).rejects.toThrow(
    "holds no IP-Adapter",
  );
  const pack = inRepository("tests/fixtures/packs/base");
  await expect(openCheckpoint({ folder: pack, ipAdapter })).rejects.toThrow("which takes no IP-Adapters");
});

const vae = { folder: checkpoint("base/vae"), file: "diffusion_pytorch_model.safetensors" };

function toRgba(pixels: Uint8Array): Uint8ClampedArray {
  const data = new Uint8ClampedArray((pixels.length / 3) * 4).fill(255);
  for (let i = 0; i < pixels.length; i++) data[Math.floor(i / 3) * 4 + (i % 3)] = pixels[i]!;
  return data;
}
