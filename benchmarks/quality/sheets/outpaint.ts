import type { QualitySection } from "../quality-section.ts";
import { onCanvas } from "../support/on-canvas.ts";
import { runRequest } from "../support/run-request.ts";

const pictures = ["meadow.png", "coffee.jpg", "strawberry.png"] as const;

/** A third of the side to the left, to the right, and a quarter on all sides. */
const extensions = [
  (width: number) => ({ left: Math.round(width / 3) }),
  (width: number) => ({ right: Math.round(width / 3) }),
  (width: number, height: number) => {
    const [x, y] = [Math.round(width / 4), Math.round(height / 4)];
    return { left: x, right: x, top: y, bottom: y };
  },
] as const;

export const outpaintSection: QualitySection = {
  name: "outpaint",
  title: "Outpainting",
  run: async ({ model, sample, writeSheet }) => {
    const rows = [];
    for (const file of pictures) {
      const image = await sample(file);
      const row = [image];
      for (const sides of extensions) {
        const request = { task: "outpaint", seed: 3, ...sides(image.width, image.height) } as const;
        const { pixels, area } = await runRequest(model, request, { image });
        row.push(onCanvas(image, pixels, area));
      }
      rows.push(row);
    }
    const sheet = await writeSheet("outpaint", rows);
    return `From left to right: the source, extended to the left, to the right, on all sides. No prompt.\n\n${sheet}`;
  },
};
