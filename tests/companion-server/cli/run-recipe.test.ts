import { expect, test } from "vitest";
import { variantAgain } from "../../../companion-server/cli/run-recipe.ts";
import { editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import type { Plan } from "../../../shared/protocol/plan.ts";

const request = editRequestSchema.parse({ task: "restyle", prompt: "a boat", style: "riso", seed: 7, count: 10 });

function planWith(batch: number | undefined): Plan {
  const execution =
    batch === undefined ? undefined : ({ batch, guidance: "together", isVaeTiled: false, tileSide: 64 } as const);
  const working = { width: 64, height: 64 };
  return { task: "create", working, scheduler: "ddim", steps: 2, guidanceScale: 1, plain: false, execution };
}

test.each([
  ["one that was drawn alone, by its own seed", 1, 5, { seed: 12, count: 1 }, 0],
  ["one whose recipe does not say how", undefined, 5, { seed: 12, count: 1 }, 0],
  ["the batch it was drawn in", 4, 5, { seed: 11, count: 4 }, 1],
  ["the rest that its batch was", 4, 9, { seed: 15, count: 2 }, 1],
])("draws %s, and changes nothing else", (_, batch, variant, changed, index) => {
  const plan = planWith(batch);
  expect(variantAgain({ request, variant, plan })).toEqual({ request: { ...request, ...changed }, index });
});
