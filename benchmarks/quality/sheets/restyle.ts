import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { tileLineMeasure } from "../../../shared/imaging/tile-lines.ts";
import type { Plan } from "../../../shared/protocol/plan.ts";
import type { QualitySection } from "../quality-section.ts";
import { resamplePicture } from "../support/resample-picture.ts";
import { runRequest } from "../support/run-request.ts";
import { table } from "../support/table.ts";

const strengths = [0.2, 0.4, 0.6, 0.8, 1] as const;

const rows = [
  { file: "burger.png", size: { width: 128, height: 128 }, fields: { prompt: "a hamburger", style: "3d" } },
  { file: "meadow.png", size: { width: 288, height: 192 }, fields: { prompt: "a dog in a meadow", style: "emoji" } },
  {
    file: "strawberry.png",
    size: { width: 128, height: 128 },
    fields: { prompt: "a strawberry", style: "flat", keepLayout: false },
  },
] as const;

export const restyleSection: QualitySection = {
  name: "restyle",
  title: "Restyling at five strengths",
  run: async ({ pack, sample, writeSheet }) => {
    const pictures = [];
    const lines = [];
    for (const row of rows) {
      const whole = await sample(row.file);
      const image = "size" in row ? resamplePicture(whole, row.size.width, row.size.height) : whole;
      const drawn = [];
      for (const strength of strengths)
        drawn.push(await runRequest(pack, { task: "restyle", seed: 3, strength, ...row.fields }, { image }));
      pictures.push([image, ...drawn.map(({ pixels }) => pixels)]);
      const measures = drawn.map(({ pixels, plan }) => tileLines(image, pixels, plan, pack.facts.latentScale));
      lines.push([`${row.file}, ${image.width}×${image.height}`, ...measures]);
    }
    return [
      "From left to right: the source, then strengths 0.2, 0.4, 0.6, 0.8 and 1. The first row fits the model in one piece, the",
      "second is drawn in tiles, both from the picture's own noise; the third starts from the seed's noise alone.\n",
      await writeSheet("restyle", pictures),
      "\nEnergy at the borders of tiles over energy elsewhere, where the source is smooth. Up to 1.05 no border shows; things that",
      "the model draws on smooth ground of the source, as it does at high strength, count as borders where they happen to end.\n",
      table(["strength", ...strengths.map(String)], lines),
    ].join("\n");
  },
};

/** As text where there are no tiles. */
function tileLines(image: RgbaImage, drawn: RgbaImage, plan: Plan, cell: number): number | string {
  if (plan.task !== "restyle" || plan.tiling === undefined) return "one piece";
  const { columns, rows: tops, tileWidth, tileHeight } = plan.tiling;
  const scaleX = drawn.width / plan.working.width;
  const scaleY = drawn.height / plan.working.height;
  const borders = {
    columns: columns.flatMap((x) => [x, x + tileWidth]).map((x) => Math.round(x * scaleX)),
    rows: tops.flatMap((y) => [y, y + tileHeight]).map((y) => Math.round(y * scaleY)),
  };
  return tileLineMeasure(drawn, borders, cell, image);
}
