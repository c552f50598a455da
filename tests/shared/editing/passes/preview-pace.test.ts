import { expect, test } from "vitest";
import { PreviewPace, ROUGHNESS } from "../../../../shared/editing/passes/preview-pace.ts";

/** Runs steps of `stepMs` with full previews of `fullMs`, and answers what was shown after each and the share of time it took. */
async function paced({ steps, stepMs, fullMs }: { steps: number; stepMs: number; fullMs: number }) {
  let now = 0;
  const pace = new PreviewPace({ now: () => now });
  let spent = 0;
  const shown: string[] = [];
  for (let step = 1; step < steps; step += 1) {
    now += stepMs;
    const detail = pace.due(steps);
    shown.push(detail);
    if (detail === "none") continue;
    await pace.measure(detail, async () => {
      const cost = detail === "full" ? fullMs : fullMs / ROUGHNESS ** 2;
      now += cost;
      spent += cost;
    });
  }
  return { shown, share: spent / (steps * stepMs) };
}

test("begins with a full preview where a run is long, with a rough one where it is short, with none where it is hardly one", async () => {
  expect((await paced({ steps: 20, stepMs: 1000, fullMs: 800 })).shown[0]).toBe("full");
  expect((await paced({ steps: 4, stepMs: 1000, fullMs: 800 })).shown).toEqual(["rough", "none", "none"]);
  expect((await paced({ steps: 2, stepMs: 1000, fullMs: 800 })).shown).toEqual(["none"]);
});

test.each([3, 4, 8, 10, 20, 50])(
  "previews that cost as much as a step stay within their share of %i steps",
  async (steps) => {
    const { shown, share } = await paced({ steps, stepMs: 1000, fullMs: 1000 });
    expect(shown.some((detail) => detail !== "none")).toBe(true);
    expect(share).toBeLessThanOrEqual(0.1);
  },
);

test("goes on with full previews once the run has paid for them", async () => {
  const { shown } = await paced({ steps: 8, stepMs: 1000, fullMs: 100 });
  expect(shown.slice(0, 3)).toEqual(["rough", "full", "full"]);
});

test("shows none that are not wanted", () => {
  expect(new PreviewPace({ now: () => 0, previews: false }).due(50)).toBe("none");
});
