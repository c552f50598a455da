import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { edgeContrast } from "../../../benchmarks/quality/measures/edge-contrast.ts";
import { peakSignalToNoise } from "../../../benchmarks/quality/measures/peak-signal-to-noise.ts";
import { structuralSimilarity } from "../../../benchmarks/quality/measures/structural-similarity.ts";
import { resamplePicture } from "../../../benchmarks/quality/support/resample-picture.ts";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { runEdit } from "../../../shared/editing/run-edit.ts";
import { upscaleRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

test.each([
  ["fast-upscale", 2, 1],
  ["starter-upscale", 2, 4],
  ["starter-upscale", 4, 3],
])(
  "%s is nearer to the truth at ×%i than resampling by more than %i dB, and sharper",
  async (name, factor, decibels) => {
    const file = await readFile(inRepository("plugin/public/samples/burger.png"));
    const truth = await decodeImage(file, "The sample");
    const small = resamplePicture(truth, truth.width / factor, truth.height / factor);
    const resampled = resamplePicture(small, truth.width, truth.height);
    const model = await openModel(new NodePackFiles(inRepository(`models/${name}`)));
    const request = upscaleRequestSchema.parse({ task: "upscale", width: truth.width, height: truth.height });
    const [layer] = await runEdit(request, { image: small }, { model, now: () => 0 });
    await model.release();

    const { pixels } = layer!;
    expect(peakSignalToNoise(pixels, truth)).toBeGreaterThan(peakSignalToNoise(resampled, truth) + decibels);
    expect(structuralSimilarity(pixels, truth)).toBeGreaterThan(structuralSimilarity(resampled, truth));
    expect(edgeContrast(pixels)).toBeGreaterThan(1.1 * edgeContrast(resampled));
    // Much more than the truth's would be halos.
    expect(edgeContrast(pixels)).toBeLessThan(1.05 * edgeContrast(truth));
  },
);
