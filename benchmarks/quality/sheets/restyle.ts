import type { EditedLayer } from "../../../shared/editing/passes/run-passes.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { RestylePass } from "../../../shared/protocol/plans/pass.ts";
import type { Plan } from "../../../shared/protocol/plans/plan.ts";
import { tileLineMeasure } from "../measures/tile-lines.ts";
import type { QualitySection } from "../quality-section.ts";
import { resamplePicture } from "../support/resample-picture.ts";
import { runRequest } from "../support/run-request.ts";
import { table } from "../support/table.ts";

/** Of a restyling, from left to right. */
export const strengths = [0.2, 0.4, 0.6, 0.8, 1] as const;

/** In cells: where the same is measured beside the borders. */
const SHIFTS = [-3, -2, -1, 1, 2, 3] as const;

/** What is restyled. The second is larger than the starter draws in one piece at any strength, the others are not. */
export const rows = [
  { file: "burger.png", size: { width: 128, height: 128 }, fields: { prompt: "a hamburger", style: "3d" } },
  { file: "meadow.png", size: { width: 432, height: 288 }, fields: { prompt: "a dog in a meadow", style: "emoji" } },
  {
    file: "strawberry.png",
    size: { width: 128, height: 128 },
    fields: { prompt: "a strawberry", style: "flat", keepLayout: false },
  },
] as const;

export const restyleSection: QualitySection = {
  name: "restyle",
  title: "Restyling at five strengths",
  run: async ({ model, sample, writeSheet }) => {
    const pictures = [];
    const lines = [];
    for (const row of rows) {
      const whole = await sample(row.file);
      const image = "size" in row ? resamplePicture(whole, row.size.width, row.size.height) : whole;
      const drawn: EditedLayer[] = [];
      for (const strength of strengths)
        drawn.push(await runRequest(model, { task: "restyle", seed: 3, strength, ...row.fields }, { image }));
      pictures.push([image, ...drawn.map(({ pixels }) => pixels)]);
      const measured = (shift: number) =>
        drawn.map(({ pixels, plan }) => tileLines(image, pixels, plan, model.facts.cell, shift));
      lines.push([`${row.file}, ${image.width}×${image.height}`, ...measured(0)]);
      const beside = SHIFTS.map(measured);
      if (drawn.some(({ plan }) => tiledPass(plan) !== undefined))
        lines.push(["lines beside", ...strengths.map((_, i) => rangeOf(beside.map((row) => Number(row[i]))))]);
    }
    return [
      "From left to right: the source, then strengths 0.2, 0.4, 0.6, 0.8 and 1. The first row fits the model in one piece, the",
      "second is drawn in tiles, both from the picture's own noise; the third starts from the seed's noise alone.\n",
      await writeSheet("restyle", pictures),
      "\nEnergy at the borders of tiles over energy elsewhere, where the source is smooth. Up to 1.05 no border shows. Things that",
      "the model draws on smooth ground of the source, as it does at high strength, count where they happen to end; how much, the",
      "row below tells: the same measured one to three cells beside the borders, where there are none.\n",
      table(["strength", ...strengths.map(String)], lines),
    ].join("\n");
  },
};

/**
 * As text where there are no tiles.
 *
 * @param shift how far beside the borders to look instead, in cells
 */
function tileLines(image: RgbaImage, drawn: RgbaImage, plan: Plan, cell: number, shift: number): number | string {
  const pass = tiledPass(plan);
  if (pass?.tiling === undefined) return "one piece";
  const { columns, rows: tops, tileWidth, tileHeight } = pass.tiling;
  const scaleX = drawn.width / pass.working.width;
  const scaleY = drawn.height / pass.working.height;
  const inside = (place: number, length: number): boolean => place > 0 && place < length;
  const borders = {
    columns: columns
      .flatMap((x) => [x, x + tileWidth])
      .filter((x) => inside(x, pass.working.width))
      .map((x) => Math.round((x + shift * cell) * scaleX)),
    rows: tops
      .flatMap((y) => [y, y + tileHeight])
      .filter((y) => inside(y, pass.working.height))
      .map((y) => Math.round((y + shift * cell) * scaleY)),
  };
  return tileLineMeasure(drawn, borders, cell, image);
}

/** The pass that draws in tiles, if there is one. */
function tiledPass({ passes }: Plan): RestylePass | undefined {
  return passes.find((pass): pass is RestylePass => pass.method === "restyle" && pass.tiling !== undefined);
}

function rangeOf(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}`;
}
