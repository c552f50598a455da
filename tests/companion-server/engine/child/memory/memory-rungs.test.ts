import { expect, test } from "vitest";
import { MemoryRungs } from "../../../../../companion-server/engine/child/memory/memory-rungs.ts";
import { parseEditRequest } from "../../../../../companion-server/requests/parse-submission.ts";
import type { DeviceMemory } from "../../../../../shared/planning/plans/memory-ladder.ts";
import { planBytes, planEdit } from "../../../../../shared/planning/plans/plan-edit.ts";
import type { EditRequestInput } from "../../../../../shared/protocol/edit-request.ts";
import type { ModelFacts } from "../../../../../shared/protocol/models/model-facts.ts";
import type { Plan } from "../../../../../shared/protocol/plans/plan.ts";
import { stableDiffusionFacts } from "../../../../support/stable-diffusion-facts.ts";

/** Its autoencoder takes more than its denoiser. */
const facts: ModelFacts = {
  ...stableDiffusionFacts,
  memory: { ...stableDiffusionFacts.memory, codedSide: 32 },
};
const OUT = new Error("out of memory");
const GIB = 1024 ** 3;
const roomy: DeviceMemory = { budget: 64 * GIB, gainsFromBatches: true };

/** The plans that are tried on a device that has no room for any of them, though it said so. */
function plansTried(
  input: EditRequestInput,
  image?: { width: number; height: number },
  memory = roomy,
): readonly Plan[] {
  const request = parseEditRequest(input);
  const rungs = new MemoryRungs(memory);
  const tried: Plan[] = [];
  try {
    for (;;) {
      const plan = planEdit(request, { image }, facts, rungs.memory);
      rungs.step(plan, planBytes(plan, facts));
      tried.push(plan);
      rungs.descend(OUT);
    }
  } catch (error) {
    expect(error).toBe(OUT);
  }
  return tried;
}

function rungOf({ batch, passes }: Plan) {
  const [pass] = passes as readonly [Plan["passes"][number]];
  const tile = "tiling" in pass && pass.tiling ? pass.tiling.tileWidth : undefined;
  const side = "working" in pass ? pass.working.width : undefined;
  return { batch, ...pass.execution, side, tile };
}

test("gives up variants together, guidance together, the autoencoder in one piece and then the working size, each seen in the plan", () => {
  const rungs = plansTried({ task: "create", prompt: "a cat", width: 512, height: 512, count: 4 }).map(rungOf);
  expect(rungs[0]).toMatchObject({ batch: 4, guidance: "together", isVaeTiled: false, side: 512 });
  expect(rungs).toContainEqual(
    expect.objectContaining({ batch: 1, guidance: "together", isVaeTiled: false, side: 512 }),
  );
  expect(rungs).toContainEqual(expect.objectContaining({ guidance: "apart", side: 512 }));
  expect(rungs).toContainEqual(expect.objectContaining({ isVaeTiled: true, side: 512 }));
  // Its autoencoder's own tiles are as large.
  expect(rungs.at(-1)).toMatchObject({ batch: 1, guidance: "apart", isVaeTiled: false, side: 256 });
  const sides = rungs.map(({ side = 0 }) => side);
  expect(sides).toEqual([...sides].sort((a, b) => b - a));
});

test("gives up the size of tiles before that at which the model works", () => {
  const rungs = plansTried({ task: "restyle", prompt: "ink" }, { width: 1536, height: 1536 }).map(rungOf);
  const tiles = rungs.map(({ tile = 0 }) => tile);
  expect(tiles).toEqual([...tiles].sort((a, b) => b - a));
  expect(new Set(tiles).size).toBeGreaterThan(1);
});

test("gives up as little at a time where networks take turns, however much their weights take of the budget", () => {
  const wish: EditRequestInput = { task: "create", prompt: "a cat", width: 512, height: 512, count: 4 };
  const turns = { reading: 40 * GIB, denoising: 30 * GIB, coding: GIB };
  expect(plansTried(wish, undefined, { ...roomy, turns }).map(rungOf)).toEqual(plansTried(wish).map(rungOf));
});

test("stops at once with a model that says nothing of its memory, and after the least plan with others", () => {
  const request = parseEditRequest({ task: "create", width: 64, height: 64 });
  const { memory: _memory, ...silent } = facts;
  const rungs = new MemoryRungs({ budget: 1e9, gainsFromBatches: false });
  const plan = planEdit(request, {}, silent, rungs.memory);
  rungs.step(plan, planBytes(plan, silent));
  expect(rungs.isLower).toBe(false);
  rungs.descend(OUT);
  expect(rungs.isLower).toBe(true);
  expect(() => rungs.step(planEdit(request, {}, silent, rungs.memory), 0)).toThrow(OUT);
});
