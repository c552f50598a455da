import { ringDifference } from "../measures/ring-difference.ts";
import { seamMeasure } from "../measures/seam-measure.ts";
import type { QualitySection } from "../quality-section.ts";
import { pasteThreeWays } from "../support/paste-three-ways.ts";
import { scenes } from "../support/scenes.ts";
import { table } from "../support/table.ts";

const header = ["hidden", "seam: truth", "naive", "no colour", "all on", "ring ΔE: naive", "no colour", "all on"];

const legend = `A region is hidden and filled, without a prompt; the same drawing is laid over the source in three ways: through the
painted mask as it is (naive), through the composite mask with the colours as drawn, and with everything on.
Seam: jump across the worst contour over the jumps nearby, 1 is none; the truth's own is above 1 where it has an edge there. Ring ΔE: CIEDE2000 to the truth just inside the contour.
In the sheet: the source, naive, everything on.`;

export const inpaintSeamsSection: QualitySection = {
  name: "inpaint-seams",
  title: "Seams and colours of inpainting",
  run: async ({ model, sample, writeSheet }) => {
    const rows = [];
    const pictures = [];
    for (const scene of await scenes(sample)) {
      const { naive, uncorrected, full, blend } = await pasteThreeWays(model, scene, { seed: 5 });
      const shown = [naive, uncorrected, full];
      rows.push([
        scene.name,
        ...[scene.image, ...shown].map((image) => seamMeasure(image, scene.mask, blend)),
        ...shown.map((image) => ringDifference(image, scene.image, scene.mask)),
      ]);
      pictures.push([scene.image, naive, full]);
    }
    return `${legend}\n\n${table(header, rows)}\n\n${await writeSheet("inpaint-seams", pictures)}`;
  },
};
