import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { resamplePicture } from "../../../benchmarks/quality/support/resample-picture.ts";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { ModelPack } from "../../../shared/diffusion/model-pack.ts";
import { runUpscale } from "../../../shared/editing/run-upscale.ts";
import { edgeContrast } from "../../../shared/imaging/edge-contrast.ts";
import { peakSignalToNoise } from "../../../shared/imaging/peak-signal-to-noise.ts";
import { structuralSimilarity } from "../../../shared/imaging/structural-similarity.ts";
import { upscaleRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

test("the network that ships is nearer to the truth at ×2 than resampling, and sharper", async () => {
  const file = await readFile(inRepository("plugin/public/samples/burger.png"));
  const truth = await decodeImage(file, "The sample");
  const small = resamplePicture(truth, truth.width / 2, truth.height / 2);
  const resampled = resamplePicture(small, truth.width, truth.height);
  const pack = await ModelPack.open(new NodePackFiles(inRepository("models/fast-upscale")));
  const request = upscaleRequestSchema.parse({ task: "upscale", width: truth.width, height: truth.height });
  const [layer] = await runUpscale(request, { image: small }, { pack, now: () => 0 });
  await pack.release();

  const { pixels } = layer!;
  expect(peakSignalToNoise(pixels, truth)).toBeGreaterThan(peakSignalToNoise(resampled, truth) + 1);
  expect(structuralSimilarity(pixels, truth)).toBeGreaterThan(structuralSimilarity(resampled, truth));
  expect(edgeContrast(pixels)).toBeGreaterThan(1.1 * edgeContrast(resampled));
  expect(edgeContrast(pixels)).toBeLessThan(edgeContrast(truth));
});
