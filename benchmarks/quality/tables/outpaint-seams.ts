import { ringDifference } from "../measures/ring-difference.ts";
import { seamMeasure } from "../measures/seam-measure.ts";
import type { QualitySection } from "../quality-section.ts";
import { cutScenes } from "../support/cut-scenes.ts";
import { extendThreeWays } from "../support/extend-three-ways.ts";
import { table } from "../support/table.ts";

const header = ["cut off", "seam: truth", "naive", "no colour", "all on", "ring ΔE: naive", "no colour", "all on"];

const legend = `A part of a picture is cut off and drawn again, without a prompt, in three ways: what was drawn put beside what is left
(naive), the border's colours led over to what was drawn (no colour), and with everything on. Several passes may be needed;
each sees what the ones before it made of theirs. Measured as for inpainting, at the border of what is left.
In the sheet: the source, naive, everything on.`;

export const outpaintSeamsSection: QualitySection = {
  name: "outpaint-seams",
  title: "Seams and colours of outpainting",
  run: async ({ model, sample, writeSheet }) => {
    const rows = [];
    const pictures = [];
    for (const { name, image, kept, mask } of await cutScenes(sample)) {
      const { naive, uncorrected, full } = await extendThreeWays(model, image, kept, { seed: 5 });
      const shown = [naive, uncorrected, full];
      rows.push([
        name,
        ...[image, ...shown].map((one) => seamMeasure(one, mask)),
        ...shown.map((one) => ringDifference(one, image, mask)),
      ]);
      pictures.push([image, naive, full]);
    }
    return `${legend}\n\n${table(header, rows)}\n\n${await writeSheet("outpaint-seams", pictures)}`;
  },
};
