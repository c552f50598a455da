import { countRealSteps } from "../../planning/plans/real-steps.ts";
import type { Pass } from "../../protocol/plans/pass.ts";
import { countTiles } from "./edit.ts";

/**
 * How many steps a pass is told as: evaluations of the denoiser, or, where it works in tiles, of one tile; decoding a tile is
 * a step too.
 *
 * @param isFirst whether it is drawn for the first time: what is the same for all variants is done only then
 */
export function stepsOf(pass: Pass, isFirst: boolean): number {
  switch (pass.method) {
    case "prompt":
    case "instruct":
      return pass.schedule.steps;
    case "inpaint":
    case "extend":
    case "redraw":
      return countRealSteps(pass.schedule);
    case "restyle": {
      const inverted =
        pass.noise === "inversion" && isFirst ? 1 + (pass.reference ? 1 + pass.reference.further.length : 0) : 0;
      return (1 + inverted) * countRealSteps(pass.schedule);
    }
    case "erase":
    case "matte":
      return 1;
    case "super-resolve":
      return countTiles(pass);
    case "enlarge":
      return (pass.schedule.steps + 1) * countTiles(pass);
    case "refine":
      return (countRealSteps(pass.schedule) + 1) * countTiles(pass);
  }
}
