import { layerOver } from "../../../shared/imaging/compose/composite.ts";
import type { QualitySection } from "../quality-section.ts";
import { runRequest } from "../support/run-request.ts";
import { disc } from "../support/scenes.ts";

/** Sample, hidden disc (centre and radius) and what is asked for there. */
const wishes = [
  ["meadow.png", [230, 420, 75], { prompt: "cat" }],
  ["meadow.png", [600, 420, 80], { prompt: "penguin" }],
  ["meadow.png", [400, 110, 70], { prompt: "rocket" }],
  ["meadow.png", [388, 420, 105], { prompt: "panda" }],
  ["meadow.png", [388, 420, 105], { prompt: "rabbit", strength: 0.75 }],
  ["strawberry.png", [262, 262, 50], { prompt: "smiling face" }],
] as const;
const seeds = [1, 2, 3] as const;

export const inpaintSection: QualitySection = {
  name: "inpaint",
  title: "Inpainting",
  run: async ({ model, sample, writeSheet }) => {
    const rows = [];
    for (const [file, [x, y, radius], wish] of wishes) {
      const image = await sample(file);
      const mask = disc(image, x, y, radius);
      const row = [image];
      for (const seed of seeds) {
        const { pixels, area } = await runRequest(model, { task: "inpaint", seed, ...wish }, { image, mask });
        row.push(layerOver(image, pixels, area));
      }
      rows.push(row);
    }
    const asked = wishes.map(
      ([, , wish]) => `${wish.prompt}${"strength" in wish ? ` (strength ${wish.strength})` : ""}`,
    );
    const sheet = await writeSheet("inpaint", rows);
    return `The source and three variants. From top to bottom: ${asked.join(", ")}.\n\n${sheet}`;
  },
};
