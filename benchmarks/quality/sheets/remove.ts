import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import type { QualitySection } from "../quality-section.ts";
import { runRequest } from "../support/run-request.ts";
import { disc } from "../support/scenes.ts";

/** Sample and the disc around what goes (centre and radius). */
const removals = [
  ["meadow.png", [390, 410, 140]],
  ["meadow.png", [395, 420, 120]], // leaves the tip of an ear
  ["meadow.png", [632, 105, 75]],
  ["meadow.png", [605, 235, 100]],
  ["strawberry.png", [160, 165, 120]],
  ["coffee.jpg", [365, 290, 55]],
] as const;
const seeds = [1, 2, 3] as const;

export const removeSection: QualitySection = {
  name: "remove",
  title: "Removing",
  run: async ({ model, sample, writeSheet }) => {
    const rows = [];
    for (const [file, [x, y, radius]] of removals) {
      const image = await sample(file);
      const mask = disc(image, x, y, radius);
      const row = [image];
      for (const seed of seeds) {
        const { pixels, area } = await runRequest(model, { task: "inpaint", seed }, { image, mask });
        row.push(layerOver(image, pixels, area));
      }
      rows.push(row);
    }
    return [
      "The source and three variants, without a prompt. The second row's mask leaves the tip of an ear, whose colour spreads.\n",
      await writeSheet("remove", rows),
    ].join("\n");
  },
};
