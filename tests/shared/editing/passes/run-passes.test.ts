import { describe, expect, test, vi } from "vitest";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import { openModel } from "../../../../shared/diffusion/models/open-model.ts";
import type { SuperResolutionModel } from "../../../../shared/diffusion/models/super-resolution-model.ts";
import { TorchGenerator } from "../../../../shared/diffusion/random/torch-generator.ts";
import type { EditedLayer, EditProgress, RunPassesOptions } from "../../../../shared/editing/passes/run-passes.ts";
import { planInputs, runEdit, runPlan } from "../../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import {
  type EditRequestInput,
  editRequestSchema,
  upscaleRequestSchema,
} from "../../../../shared/protocol/edit-request.ts";
import type { Plan } from "../../../../shared/protocol/plans/plan.ts";
import { colourFamily } from "../../diffusion/models/colour-family/colour-family.ts";

describe("a network", () => {
  /** One that draws everything white. */
  const white: SuperResolutionModel = {
    type: "super-resolution",
    facts: {
      kind: "super-resolution",
      family: "white",
      tasks: ["upscale"],
      nativeSize: 64,
      sizeMultiple: 1,
      cell: 1,
      seesMask: false,
      readsPrompt: false,
      isGuidable: false,
      canInvert: false,
      enlarging: { method: "network", factor: 2, receptiveRadius: 0 },
    },
    graphs: [],
    load: async () => {},
    enlarge: async ({ width, height }) => ({
      width: width * 2,
      height: height * 2,
      data: new Float32Array(12 * width * height).fill(1),
    }),
    release: async () => {},
  };
  const request = upscaleRequestSchema.parse({ task: "upscale", width: 4, height: 2, count: 3, seed: 5 });
  const image = { width: 2, height: 1, data: new Uint8ClampedArray(8).fill(255) };

  test("hands every variant over as soon as it is finished, and keeps none of those", async () => {
    const taken: EditedLayer[] = [];
    const kept = await runEdit(
      request,
      { image },
      { model: white, now: () => 0, onLayer: (layer) => void taken.push(layer) },
    );
    expect(kept).toEqual([]);
    expect(taken).toEqual(await runEdit(request, { image }, { model: white, now: () => 0 }));
    expect(taken.map(({ variant, seed, pixels }) => [variant, seed, pixels.width])).toEqual([
      [0, 5, 4],
      [1, 6, 4],
      [2, 7, 4],
    ]);
  });
});

/** One evaluation of the denoiser. */
interface Evaluation {
  readonly latents: Float32Array;
  readonly batch: number;
}

/** The family of one colour, watched: what its denoisers are given, and how pictures are coded. */
async function watchedModel() {
  const index = JSON.stringify({ _class_name: "ColourPipeline" });
  const openSession = () => Promise.reject(new Error("The family has no graphs."));
  const model = (await openModel(
    { readText: async () => index, openSession },
    { families: [colourFamily] },
  )) as DiffusionModel; // the family has no other
  const evaluations: Evaluation[] = [];
  const create = model.createDenoiser.bind(model);
  vi.spyOn(model, "createDenoiser").mockImplementation(async (options) => {
    const denoiser = await create(options);
    return {
      predict: (latents, ...others) => {
        evaluations.push({ latents: latents.slice(), batch: options.batch });
        return denoiser.predict(latents, ...others);
      },
    };
  });
  const codings = new Set<boolean>();
  const { encode, decode } = model.latents;
  const latents = {
    ...model.latents,
    encode: (...[pictures, options]: Parameters<typeof encode>) => {
      codings.add(options.isTiled);
      return encode(pictures, options);
    },
    decode: (...[values, size, options]: Parameters<typeof decode>) => {
      codings.add(options.isTiled);
      return decode(values, size, options);
    },
  };
  Object.defineProperty(model, "latents", { value: latents });
  return { model, evaluations, codings };
}

/** Plain grey, opaque. */
function ground(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4).fill(128);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}

const [small, large] = [ground(50, 40), ground(120, 90)];
/** Composed in one pass of 6 steps, and refined in one of 4. */
const larger = { task: "create", prompt: "red", width: 96, height: 96 } as const;

async function planned(wish: EditRequestInput, changed: Partial<Plan> = {}, image = large) {
  const watched = await watchedModel();
  const planned = planInputs(editRequestSchema.parse(wish), { image }, watched.model.facts);
  const plan = { ...planned.plan, ...changed } as Plan; // of its own task
  const run = (options: Partial<RunPassesOptions> = {}) =>
    runPlan(plan, { image }, { model: watched.model, now: () => 0, previews: false, ...options });
  return { ...watched, plan, run };
}

describe("variants", () => {
  const wish = { ...larger, count: 3, seed: 40 };

  test("are drawn as many together as the plan says, and each as if it were drawn alone", async () => {
    const together = await planned(wish, { batch: 2 });
    const apart = await planned(wish, { batch: 1 });
    const layers = await together.run();
    expect(layers.map(({ variant, seed }) => [variant, seed])).toEqual([
      [0, 40],
      [1, 41],
      [2, 42],
    ]);
    expect(layers.map(({ pixels }) => pixels)).toEqual((await apart.run()).map(({ pixels }) => pixels));
    const [first] = together.evaluations;
    expect(together.evaluations.map(({ batch }) => batch)).toEqual([...Array(10).fill(2), ...Array(10).fill(1)]);
    const size = (first?.latents.length ?? 0) / 2;
    for (const [k, start] of [0, 10].entries())
      expect(first?.latents.slice(k * size, (k + 1) * size)).toEqual(apart.evaluations[start]?.latents);
  });

  test("begin from the noise of their own seeds, which start again after the last, and no pass from another's", async () => {
    const { evaluations, run } = await planned({ ...wish, count: 2, seed: 2 ** 32 - 1 });
    const layers = await run();
    expect(layers.map(({ seed }) => seed)).toEqual([2 ** 32 - 1, 0]);
    for (const [start, seed] of [
      [0, 2 ** 32 - 1],
      [10, 0],
    ] as const) {
      const latents = evaluations[start]?.latents ?? new Float32Array();
      expect(latents).toEqual(new TorchGenerator(seed).normal(latents.length));
    }
    // Refining puts noise on what was composed, which is one colour: what is left differs by the noise alone.
    const [refined, other] = [evaluations[6], evaluations[16]];
    expect(refined?.latents).not.toEqual(other?.latents);
  });
});

describe("a run after which some variants are there already", () => {
  const wish = { ...larger, count: 4, seed: 40 };

  test("draws only what is missing, and that as if all were drawn", async () => {
    const whole = await planned(wish, { batch: 2 });
    const layers = await whole.run();
    const rest = await planned(wish, { batch: 2 });
    const missing = await rest.run({ drawn: new Set([0, 1, 3]) });
    expect(missing.map(({ variant, seed }) => [variant, seed])).toEqual([[2, 42]]);
    expect(missing[0]?.pixels).toEqual(layers[2]?.pixels);
    expect([whole.evaluations.length, rest.evaluations.length]).toEqual([20, 10]);
  });

  test("draws nothing where all are there", async () => {
    const { evaluations, run } = await planned(wish);
    expect([await run({ drawn: new Set([0, 1, 2, 3]) }), evaluations]).toEqual([[], []]);
  });
});

describe("a run that is cancelled", () => {
  test("stops before the next step, of the next pass too, and hands nothing unfinished over", async () => {
    for (const last of [1, 5, 6, 7]) {
      const { evaluations, run } = await planned(larger);
      const controller = new AbortController();
      const onLayer = vi.fn();
      const onProgress = ({ step }: EditProgress) => {
        if (step === last) controller.abort();
      };
      const cancelled = run({ signal: controller.signal, onProgress, onLayer });
      await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
      expect([evaluations.length, onLayer.mock.calls.length]).toEqual([last, 0]);
    }
  });

  test("keeps the variants that were finished", async () => {
    const { evaluations, run } = await planned({ ...larger, count: 3 });
    const controller = new AbortController();
    const finished: number[] = [];
    const onLayer = ({ variant }: EditedLayer) => {
      finished.push(variant);
      if (variant === 1) controller.abort();
    };
    await expect(run({ signal: controller.signal, onLayer })).rejects.toMatchObject({ code: "cancelled" });
    expect([finished, evaluations.length]).toEqual([[0, 1], 20]);
  });
});

test("tells with every layer that memory made the model draw smaller, and nothing where it did not", async () => {
  const { model } = await watchedModel();
  const memory = { denoiser: { perCell: 1, perCellPair: 0 }, autoencoder: { perCell: 0, perCellPair: 0 } };
  Object.defineProperty(model, "facts", { value: { ...model.facts, memory } });
  const request = editRequestSchema.parse({ task: "create", prompt: "red", width: 48, height: 48, count: 2 });
  const notes = async (budget: number, onLayer?: RunPassesOptions["onLayer"]) => {
    const options = { model, now: () => 0, memory: { budget, gainsFromBatches: false }, onLayer };
    return (await runEdit(request, {}, options)).map((layer) => layer.notes);
  };
  const text = "For want of memory the model drew 36×36 pixels instead of 48×48.";
  const told = [{ code: "memory-saved", text }];
  expect(await notes(40)).toEqual([told, told]);
  expect(await notes(64)).toEqual([undefined, undefined]);
  const handed: EditedLayer[] = [];
  await notes(40, (layer) => void handed.push(layer));
  expect(handed.map((layer) => layer.notes)).toEqual([told, told]);
});

describe("progress", () => {
  const told = async (...edit: Parameters<typeof planned>) => {
    const { run } = await planned(...edit);
    const steps: EditProgress[] = [];
    await run({ onProgress: (progress) => void steps.push(progress) });
    return steps;
  };
  const counted = (to: number, by = 1) => Array.from({ length: to / by }, (_, i) => (i + 1) * by);

  test("counts the steps of all passes of each variant, each once", async () => {
    const steps = await told({ ...larger, count: 2 });
    expect(steps.map(({ variant, step }) => [variant, step])).toEqual(
      [0, 1].flatMap((variant) => counted(10).map((step) => [variant, step])),
    );
    expect(new Set(steps.map(({ steps: of }) => of))).toEqual(new Set([10]));
  });

  test("tells variants that are drawn together as if one followed the other", async () => {
    const steps = await told({ ...larger, count: 2 }, { batch: 2 });
    expect(steps.map(({ variant, step }) => [variant, step])).toEqual(
      [0, 1].flatMap((variant) => counted(10, 2).map((step) => [variant, step])),
    );
  });

  test("tells a step once, however often its scheduler evaluates the model", async () => {
    const wish = { task: "create", prompt: "red", width: 48, height: 48, scheduler: "heun" } as const;
    const { evaluations, run } = await planned(wish);
    const steps: number[] = [];
    await run({ onProgress: ({ step }) => void steps.push(step) });
    expect([steps, evaluations.length]).toEqual([counted(6), 11]); // the last step is of first order
  });

  test.each([
    ["a picture restyled in one piece", { task: "restyle", prompt: "red" }, small],
    ["a picture restyled in tiles", { task: "restyle", prompt: "red" }, large],
    ["a picture enlarged in tiles", { task: "upscale", width: 240, height: 180 }, large],
    ["an extension in pieces", { task: "outpaint", prompt: "red", left: 150 }, large],
  ] as const)("goes from the first step to the last of %s, and tells none twice", async (_, wish, picture) => {
    const steps = (await told(wish, {}, picture)).map(({ step, steps: of }) => [step, of]);
    const of = steps[0]?.[1] ?? 0;
    expect(of).toBeGreaterThan(3);
    expect(steps).toEqual(counted(of).map((step) => [step, of]));
  });
});

describe("the autoencoder", () => {
  test.each([
    ["a picture from nothing", larger],
    ["a restyled picture", { task: "restyle", prompt: "red" }],
    ["an enlarged picture", { task: "upscale", width: 240, height: 180 }],
  ] as const)("codes %s in tiles where the plan says so, and in one piece where it does not", async (_, wish) => {
    for (const isVaeTiled of [true, false]) {
      const { plan } = await planned(wish, {}, small);
      const passes = plan.passes.map((pass) => ({ ...pass, execution: { guidance: "together", isVaeTiled } }));
      const { codings, run } = await planned(wish, { passes } as Partial<Plan>, small); // the same passes
      await run();
      expect([...codings]).toEqual([isVaeTiled]);
    }
  });
});
