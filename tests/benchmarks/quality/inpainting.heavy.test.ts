import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ringDifference } from "../../../benchmarks/quality/measures/ring-difference.ts";
import { seamMeasure } from "../../../benchmarks/quality/measures/seam-measure.ts";
import { pasteThreeWays } from "../../../benchmarks/quality/support/paste-three-ways.ts";
import { runRequest } from "../../../benchmarks/quality/support/run-request.ts";
import { disc, picture, scenes } from "../../../benchmarks/quality/support/scenes.ts";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import { distanceToMask } from "../../../shared/imaging/mask/distance-transform.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

let model: Model;
beforeAll(async () => {
  model = await openModel(new NodePackFiles(inRepository("models/starter")));
});
afterAll(() => model.release());

const sample = async (file: string) =>
  await decodeImage(await readFile(inRepository(`plugin/public/samples/${file}`)), file);

describe("inpainting with the starter pack", () => {
  test("leaves less of a seam, and colours nearer the truth, than pasting what was drawn", async () => {
    let excess = 0;
    let count = 0;
    for (const scene of await scenes(sample)) {
      const { naive, full, blend } = await pasteThreeWays(model, scene, { seed: 11, steps: 12 });
      const seams = [full, naive].map((image) => seamMeasure(image, scene.mask, blend)) as [number, number];
      const rings = [full, naive].map((image) => ringDifference(image, scene.image, scene.mask)) as [number, number];
      // 1 is no seam: four tenths of what naive pasting has above it may be left at most.
      expect.soft(seams[0] - 1, `seam, ${scene.name}`).toBeLessThan((seams[1] - 1) * 0.4);
      expect.soft(rings[0], `ring, ${scene.name}`).toBeLessThan(rings[1] * 0.85);
      excess += seams[0] / Math.max(1, seamMeasure(scene.image, scene.mask, blend));
      count += 1;
    }
    expect(excess / count).toBeLessThan(1.15);
  }, 240_000);

  test("ten times in a row changes nothing outside the masks and keeps the brightness of flat ground", async () => {
    const source = picture(() => [180, 190, 170]);
    const places = Array.from({ length: 10 }, (_, i) => [70 + (i % 4) * 60, 70 + Math.floor(i / 4) * 80, 24] as const);
    const touched = new Uint8Array(source.width * source.height);
    let current = source;
    for (const [seed, [x, y, radius]] of places.entries()) {
      const mask = disc(source, x, y, radius);
      const { pixels, area, plan } = await runRequest(
        model,
        { task: "inpaint", seed, steps: 12 },
        { image: current, mask },
      );
      current = layerOver(current, pixels, area);
      if (plan.task !== "inpaint") throw new Error("The plan is one for inpainting.");
      const reach = plan.passes[0]?.mask?.blend ?? 0;
      const distance = distanceToMask(mask.data, mask.width, mask.height);
      for (let i = 0; i < touched.length; i += 1) if ((distance[i] as number) <= reach) touched[i] = 1;
    }
    let changedOutside = 0;
    let drift = 0;
    let count = 0;
    for (let i = 0; i < touched.length; i += 1) {
      const [red, green, blue] = [0, 1, 2].map(
        (c) => (current.data[i * 4 + c] as number) - (source.data[i * 4 + c] as number),
      ) as [number, number, number];
      if (touched[i] === 0) {
        if (red !== 0 || green !== 0 || blue !== 0) changedOutside += 1;
      } else {
        drift += 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        count += 1;
      }
    }
    expect(changedOutside).toBe(0);
    expect(Math.abs(drift / count)).toBeLessThanOrEqual(1);
  }, 240_000);
});
