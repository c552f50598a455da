import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Model } from "../../../shared/diffusion/models/model-family.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { type EditInputs, planInputs, runPlan } from "../../../shared/editing/run-edit.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { type EditRequestInput, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type Plan, planSchema } from "../../../shared/protocol/plans/plan.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";

/** A place in a plan: `passes.0.schedule.steps`. */
type Path = string;
type Leaf = string | number | boolean | null;

/**
 * What each field of a plan is changed to. A number moves to another value that is allowed there; a word to another word. Every
 * field of every plan must have an entry, so that a setting nobody obeys cannot be added unseen.
 */
const changes: readonly (readonly [RegExp, (value: Leaf, path: Path) => Leaf])[] = [
  [/prompt$/i, () => "small cat"],
  [/^(guidanceRescale|eta)$/, () => 0.7],
  [/^clipSkip$/, () => 1],
  [/guidanceScale$/, (value) => Number(value) + 4],
  [/^seed$|seedOffset$/, (value) => Number(value) + 77],
  [/^plain$/, (value) => !value],
  [/^intent$/, (value) => (value === "remove" ? "add" : "remove")],
  [/schedule\.scheduler$/, (value) => (value === "ddim" ? "euler" : "ddim")],
  [/schedule\.steps$/, (value) => Number(value) + 3],
  [/schedule\.strength$/, (value) => (Number(value) > 0.7 ? 0.5 : Number(value) + 0.3)],
  [/context\.(x|y|width|height)$/, (value) => Number(value) + 8],
  [
    /working\.(width|height)$|(overview|further\.\d+)\.(width|height)$/,
    (value) => (Number(value) > 16 ? Number(value) - 16 : 32),
  ],
  [/mask\.(grow|feather|blend)$|\.blend$/, (value) => Number(value) + 12],
  [/overlap$/, (value) => Number(value) + 14],
  [/start$/, (value) => (value === "neutral" ? "source" : "neutral")],
  [/known\.(x|y|width|height)$/, (value) => Number(value) + (Number(value) > 20 ? -16 : 16)],
  [/(fills\.\d+|painted)\.(x|y|width|height)$/, (value) => Number(value) + 9],
  [/masking$/, (value) => (value === "differential" ? "shown" : "differential")],
  [/\.noise$/, (value) => (value === "seed" ? "inversion" : "seed")],
  [/reference\.strength$/, (value) => Number(value) / 2],
  [/target\.(width|height)$/, (value) => Number(value) + 5],
  [/canvas\.(x|y|width|height)$/, (value, path) => Number(value) + (/[xy]$/.test(path) ? -8 : 8)],
  [/noiseLevel$/, (value) => Number(value) + 60],
];

/** Fields that choose among forms of a plan, or how much is done at once, which leaves the pixels as they are but for rounding. */
const NOT_PIXELS =
  /^(task|count|batch)$|\.method$|\.kind$|execution\.(guidance|isVaeTiled)$|tiling\.|\.factor$|\.margin$/;

let models: Readonly<Record<"base" | "seeing" | "upscaler", Model>>;
beforeAll(async () => {
  const folder = (name: string) => inRepository(`tests/fixtures/packs/${name}`);
  models = {
    base: await openModel(new NodePackFiles(folder("base"))),
    seeing: await openModel(new NodePackFiles(folder("base"), folder("inpaint"))),
    upscaler: await openModel(new NodePackFiles(folder("base"), folder("upscale"))),
  };
});
afterAll(async () => {
  for (const model of Object.values(models)) await model.release();
});

function pictureOf(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i += 1) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set([40 + ((x * 3) % 180), 60 + ((y * 5) % 160), (x * y) % 200, 255], i * 4);
  }
  return { width, height, data };
}

function maskOf({ width, height }: RgbaImage): NonNullable<EditInputs["mask"]> {
  const data = new Uint8Array(width * height);
  for (let y = 30; y < 62; y += 1) data.fill(255, y * width + 40, y * width + 80);
  return { width, height, data };
}

const image = pictureOf(160, 120);
const small = pictureOf(24, 16);
const whole = pictureOf(96, 64);

const cases: readonly {
  readonly name: string;
  readonly model: "base" | "seeing" | "upscaler";
  readonly wish: EditRequestInput;
  readonly inputs: EditInputs;
  /** Settings that this plan's pixels cannot show. */
  readonly unseen?: RegExp;
}[] = [
  {
    name: "inpainting",
    model: "base",
    wish: { task: "inpaint", prompt: "a (cat:1.4)", negativePrompt: "text", strength: 0.8 },
    inputs: { image, mask: maskOf(image) },
  },
  {
    name: "a plain inpainting",
    model: "base",
    wish: { task: "inpaint", prompt: "a (cat:1.4)", negativePrompt: "text", plain: true, strength: 0.8 },
    inputs: { image: whole, mask: maskOf(whole) },
  },
  {
    name: "an extension in two pieces",
    model: "base",
    wish: { task: "outpaint", prompt: "a (cat:1.4)", negativePrompt: "text", left: 90, right: 40 },
    inputs: { image },
    // Nothing was drawn before the first piece that it could overlap.
    unseen: /^passes\.0\.overlap/,
  },
  {
    name: "restyling",
    model: "base",
    wish: { task: "restyle", prompt: "a (cat:1.4)", negativePrompt: "text", strength: 0.8 },
    inputs: { image: whole, references: [pictureOf(80, 70), pictureOf(50, 60)] },
  },
  {
    name: "restyling in tiles",
    model: "base",
    wish: { task: "restyle", prompt: "a (cat:1.4)", negativePrompt: "text", style: "flat", strength: 0.8 },
    inputs: { image },
  },
  {
    name: "creating",
    model: "base",
    wish: { task: "create", prompt: "a (cat:1.4)", negativePrompt: "text", width: 100, height: 80 },
    inputs: {},
  },
  {
    name: "creating in two passes",
    model: "base",
    wish: { task: "create", prompt: "a (cat:1.4)", negativePrompt: "text", width: 240, height: 240 },
    inputs: {},
    // A model that sees no mask draws a whole picture one way.
    unseen: /masking$/,
  },
  {
    name: "creating in two passes by a model that sees masks",
    model: "seeing",
    wish: { task: "create", prompt: "a (cat:1.4)", negativePrompt: "text", width: 240, height: 240 },
    inputs: {},
  },
  {
    name: "enlarging by a diffusion upscaler",
    model: "upscaler",
    wish: { task: "upscale", prompt: "a (cat:1.4)", negativePrompt: "text", width: 90, height: 60 },
    inputs: { image: small },
  },
  {
    name: "enlarging by refining",
    model: "base",
    wish: { task: "upscale", prompt: "a (cat:1.4)", negativePrompt: "text", width: 90, height: 60, strength: 0.6 },
    inputs: { image: small },
  },
];

/** The setting of a pass that a leaf belongs to: of a rectangle, all four numbers; of fills, any of them. */
function settingOf(path: Path): string {
  return path.replace(/fills\.\d+/, "fills").replace(/\.(x|y|width|height)$/, "");
}

function leavesOf(value: unknown, path = ""): [Path, Leaf][] {
  if (typeof value !== "object" || value === null) return [[path, value as Leaf]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === "" ? key : `${path}.${key}`));
}

function withLeaf<Value>(value: Value, path: readonly string[], leaf: Leaf): Value {
  const [key, ...rest] = path;
  if (key === undefined) return leaf as Value;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = withLeaf(copy[key], rest, leaf);
  return (Array.isArray(value) ? Object.assign([], copy) : copy) as Value;
}

/** The layers' pixels and place, or why the plan is refused: either way, what follows from it. Other errors are faults. */
async function outcome(plan: Plan, model: Model, inputs: EditInputs): Promise<string> {
  try {
    const [layer] = await runPlan(plan, inputs, { model, now: () => 0, previews: false });
    if (layer === undefined) return "no layer";
    return `${JSON.stringify(layer.area)} ${layer.pixels.width} ${Buffer.from(layer.pixels.data).toString("base64")}`;
  } catch (error) {
    if (error instanceof OverpaintError) return `refused: ${error.message}`;
    throw error;
  }
}

describe.each(cases)("the plan of $name", ({ model: name, wish, inputs, unseen }) => {
  test("is all that decides its pixels: whichever setting changes, they follow", async () => {
    const model = models[name];
    const { plan } = planInputs(editRequestSchema.parse({ steps: 4, scheduler: "ddim", ...wish }), inputs, model.facts);
    const before = await outcome(plan, model, inputs);
    expect(before).not.toMatch(/^refused/);
    const obeyed = new Map<string, boolean>();
    for (const [path, value] of leavesOf(plan)) {
      // Nothing is corrected in a plain run, so that it does not matter what a hole is for.
      if (unseen?.test(path) || NOT_PIXELS.test(path) || (plan.plain && /^intent$|painted/.test(path))) continue;
      // Later passes have the same fields again.
      if (/^passes\.([2-9]|\d\d)/.test(path)) continue;
      const change = changes.find(([pattern]) => pattern.test(path))?.[1];
      if (change === undefined) throw new Error(`Nothing says how ${path} is to be changed.`);
      // Throws where the change makes no plan at all: then it is no change.
      const changed = planSchema.parse(withLeaf(plan, path.split("."), change(value, path)));
      const isObeyed = (await outcome(changed, model, inputs)) !== before;
      obeyed.set(settingOf(path), isObeyed || obeyed.get(settingOf(path)) === true);
    }
    const ignored = [...obeyed].flatMap(([setting, isObeyed]) => (isObeyed ? [] : [setting]));
    expect(ignored).toEqual([]);
  });
});

test("a plan is refused on a picture it does not fit, and without the reference it draws after", async () => {
  const planOf = (wish: EditRequestInput, inputs: EditInputs) =>
    planInputs(editRequestSchema.parse({ steps: 4, scheduler: "ddim", ...wish }), inputs, models.base.facts).plan;
  const inpaint = { image, mask: maskOf(image) };
  const cut = { image: small, mask: { ...small, data: new Uint8Array(small.width * small.height).fill(255) } };
  expect(await outcome(planOf({ task: "inpaint" }, inpaint), models.base, cut)).toMatch(/refused: .* does not fit/);
  expect(await outcome(planOf({ task: "outpaint", left: 40 }, { image: small }), models.base, { image })).toMatch(
    /refused: .* does not fit/,
  );
  const styled = { image: whole, references: [pictureOf(80, 70), pictureOf(50, 60)] };
  expect(await outcome(planOf({ task: "restyle" }, styled), models.base, { image: whole })).toMatch(
    /refused: .* reference/,
  );
});
