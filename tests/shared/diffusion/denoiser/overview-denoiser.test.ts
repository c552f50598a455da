import { describe, expect, test } from "vitest";
import type { Denoiser } from "../../../../shared/diffusion/denoiser/denoiser.ts";
import { OverviewDenoiser } from "../../../../shared/diffusion/denoiser/overview-denoiser.ts";

const whole = { width: 20, height: 12 };
const overview = { width: 8, height: 4 };
const planes = 2;
/** Each cell holds its own number, so that a sample tells where it comes from. */
const latents = Float32Array.from({ length: planes * whole.width * whole.height }, (_, i) => i);

/** A denoiser that answers `answer` of each value it is given. */
const answering = (answer: (value: number, index: number) => number): Denoiser => ({
  predict: async (sample) => sample.map(answer),
});

describe("OverviewDenoiser", () => {
  test("answers what the tiles do where the prompt says nothing new", async () => {
    const same = answering((value) => Math.sin(value));
    const tiles = answering((value) => value / 7);
    const denoiser = new OverviewDenoiser({ whole, overview, tiles, prompted: same, unprompted: same });
    expect(await denoiser.predict(latents, 500, "a test")).toEqual(latents.map((value) => value / 7));
  });

  test("adds all that the prompt pulls by, everywhere", async () => {
    const options = { tiles: answering(() => 0), prompted: answering(() => 5), unprompted: answering(() => 3) };
    const denoiser = new OverviewDenoiser({ whole, overview, ...options });
    expect(await denoiser.predict(latents, 500, "a test")).toEqual(latents.map(() => 2));
  });

  test("puts each pull where it was felt, and fades between", async () => {
    const x = (value: number) => value % whole.width;
    const options = { tiles: answering(() => 0), prompted: answering(x), unprompted: answering(() => 0) };
    const denoiser = new OverviewDenoiser({ whole, overview, ...options });
    const predicted = await denoiser.predict(latents, 500, "a test");
    // A pull that grows evenly across the picture comes back as it was, but before the first and after the last cell seen.
    for (let i = 0; i < predicted.length; i++)
      if (i % whole.width < 17) expect(predicted[i]).toBeCloseTo(i % whole.width, 4);
  });

  test("looks at other cells at each step, until it has seen them all", async () => {
    const seen = new Set<number>();
    const watching: Denoiser = {
      predict: async (sample) => {
        expect(sample).toHaveLength(planes * overview.width * overview.height);
        for (const value of sample) seen.add(value);
        return sample.slice();
      },
    };
    const nothing = answering(() => 0);
    const denoiser = new OverviewDenoiser({ whole, overview, tiles: nothing, prompted: watching, unprompted: nothing });
    for (let step = 0; step < 40; step++) await denoiser.predict(latents, 500, "a test");
    expect(seen.size).toBe(latents.length);
  });
});
