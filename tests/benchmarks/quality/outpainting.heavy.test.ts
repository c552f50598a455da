import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ringDifference } from "../../../benchmarks/quality/measures/ring-difference.ts";
import { seamMeasure } from "../../../benchmarks/quality/measures/seam-measure.ts";
import { cutScenes } from "../../../benchmarks/quality/support/cut-scenes.ts";
import { extendThreeWays } from "../../../benchmarks/quality/support/extend-three-ways.ts";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

/** Those that fit the model in few passes. */
const names = ["flat, right", "gradient, right", "grain, right", "hills, right", "waves, right"];

const sample = async (file: string) =>
  await decodeImage(await readFile(inRepository(`plugin/public/samples/${file}`)), file);

test("extending with the starter model leaves less of a seam, and colours nearer the truth, than putting pieces side by side", async () => {
  const model = await openModel(new NodePackFiles(inRepository("models/starter")));
  const measured: string[] = [];
  let excess = 0;
  for (const { name, image, kept, mask } of await cutScenes(sample)) {
    if (!names.includes(name)) continue;
    measured.push(name);
    const { naive, full } = await extendThreeWays(model, image, kept, { seed: 11, steps: 12 });
    const seams = [full, naive].map((one) => seamMeasure(one, mask)) as [number, number];
    const rings = [full, naive].map((one) => ringDifference(one, image, mask)) as [number, number];
    expect.soft(seams[0], `seam, ${name}`).toBeLessThan(seams[1] * 0.75);
    excess += seams[0] / Math.max(1, seamMeasure(image, mask)) / names.length;
    expect.soft(rings[0], `ring, ${name}`).toBeLessThan(rings[1]);
  }
  await model.release();
  expect(measured).toEqual(names);
  expect(excess).toBeLessThan(1.15);
}, 240_000);
