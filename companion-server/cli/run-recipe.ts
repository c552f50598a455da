import { readFile } from "node:fs/promises";
import { RECIPE_KEYWORD } from "../../shared/editing/layer/provenance.ts";
import { readPngText } from "../../shared/imaging/metadata/png-metadata.ts";
import { deviceReportSchema } from "../../shared/protocol/api.ts";
import { controlParts } from "../../shared/protocol/control.ts";
import { type EditPart, type EditRequest, editPartNames, referenceParts } from "../../shared/protocol/edit-request.ts";
import type { RequestedPrecision } from "../../shared/protocol/models/precision.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { Plan } from "../../shared/protocol/plans/plan.ts";
import { type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";
import { AUTO, type DeviceWish } from "../engine/device-wish.ts";
import type { InputFiles } from "../engine/engine.ts";
import { inspectInputs } from "../images/inspect-inputs.ts";
import { hashFile } from "../models/digests/file-digests.ts";
import { openCatalog } from "../models/model-catalog.ts";
import { hashCacheIn } from "../models/model-store.ts";
import { packageVersion } from "../package-version.ts";
import { drawToFiles, type PlaceInRequest, untilInterrupted } from "./draw-to-files.ts";
import type { OutputOptions } from "./options.ts";
import { outputFiles } from "./output-files.ts";
import { checkModel, findModel, type NamedInRecipe } from "./recipe-model.ts";

export interface RunRecipeOptions extends OutputOptions, NamedInRecipe, Pick<InputFiles, "image" | "mask"> {
  /** In the order of the recipe. */
  readonly reference?: readonly string[];
  /** The pictures of the controls that have one, in their order. */
  readonly control?: readonly string[];
  /** Default: what the picture was computed in. */
  readonly precision?: RequestedPrecision;
  /** Default: the device of the recipe. */
  readonly device?: DeviceWish;
}

/**
 * Makes a picture again from its recipe. Inputs and model are checked by their hashes first: from anything else the same
 * recipe would make another picture.
 */
export async function runRecipe(path: string, options: RunRecipeOptions): Promise<void> {
  const startedAt = performance.now();
  await untilInterrupted(async (signal) => {
    const recipe = await readRecipe(path);
    const files = await checkInputs(recipe, options);
    await inspectInputs(files, files);
    const model = await findModel(recipe, openCatalog(options.data), path, options);
    await checkModel(recipe, model, hashCacheIn(options.data));
    const device = options.device ?? deviceOf(recipe);
    const doubt = whyPixelsMayDiffer(recipe, device);
    if (doubt !== undefined) console.error(`overpaint: ${doubt}, so pixels may differ a little.`);
    const [output] = await outputFiles(options.output, 1);
    const outputs = new Map([[recipe.variant, output!]]); // one file for one picture
    const { request: again, plan, index } = variantAgain(recipe);
    const request = { ...again, precision: options.precision ?? recipe.engine.precision ?? again.precision };
    const edit = { request, plan, toldAs: { ...placeOf(recipe), index }, model, files, device, outputs, startedAt };
    await drawToFiles(edit, options, signal);
  });
}

async function checkInputs({ inputs }: Recipe, options: RunRecipeOptions): Promise<InputFiles> {
  const { image, mask, reference = [], control = [] } = options;
  const own = controlParts.filter((part) => inputs[part] !== undefined);
  const given: InputFiles = {
    ...(image !== undefined && { image }),
    ...(mask !== undefined && { mask }),
    ...Object.fromEntries(referenceParts.map((part, k) => [part, reference[k]])),
    ...Object.fromEntries(own.map((part, k) => [part, control[k]])),
  };
  if (reference.length > referenceParts.length)
    throw new OverpaintError("invalid-request", `${reference.length} references are given.`, "Leave some out.");
  const files: Partial<Record<EditPart, string>> = {};
  for (const part of editPartNames) {
    const [file, expected] = [given[part], inputs[part]];
    const option = part.replace(/-\d$/, "");
    const isFurther = option !== part;
    if (expected === undefined && file !== undefined)
      throw new OverpaintError(
        "invalid-request",
        isFurther ? `The picture was made with fewer of --${option}.` : `The picture was made without --${part}.`,
        isFurther ? "Leave the last ones out." : `Leave out --${part}.`,
      );
    if (expected === undefined) continue;
    if (file === undefined)
      throw new OverpaintError("invalid-request", `The ${part} of the recipe is missing.`, `Add --${option} FILE.`);
    const actual = await hashFile(file).catch((cause) => {
      throw new OverpaintError("unreadable-image", `${file} cannot be opened.`, "Check the file's name.", { cause });
    });
    if (actual !== expected)
      throw new OverpaintError(
        "invalid-request",
        `${file} is not the ${part} that the picture was made with.`,
        `Give the file with the SHA-256 ${expected}.`,
      );
    files[part] = file;
  }
  return files;
}

/** Any, for one that was made in the browser. */
function deviceOf({ engine }: Recipe): DeviceWish {
  const device = deviceReportSchema.shape.device.safeParse(engine.device);
  return device.success ? { device: device.data } : AUTO;
}

function whyPixelsMayDiffer({ engine }: Recipe, { device }: DeviceWish): string | undefined {
  if (engine.place !== "companion") return "the picture was made in a browser";
  if (engine.version !== packageVersion) return `the picture was made by Overpaint ${engine.version}`;
  return engine.device === device ? undefined : `the picture was made on ${engine.device}`;
}

/** The recipe in a picture's metadata. Throws `unreadable-image`, or `invalid-request` for a picture without a whole one. */
export async function readRecipe(path: string): Promise<Recipe> {
  const file = await readFile(path).catch((cause) => {
    throw new OverpaintError("unreadable-image", `${path} cannot be opened.`, "Check the file's name.", { cause });
  });
  const text = readPngText(file).find(({ keyword }) => keyword === RECIPE_KEYWORD)?.text;
  if (text === undefined)
    throw new OverpaintError("invalid-request", `${path} carries no recipe.`, "Only pictures made by Overpaint do.");
  try {
    return recipeSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new OverpaintError(
      "invalid-request",
      `The recipe of ${path} cannot be read: it is damaged, or a newer version wrote it.`,
      "Use the picture as it was saved.",
      { cause },
    );
  }
}

function placeOf({ request, variant, ...recipe }: Recipe): PlaceInRequest {
  return { request, variant, ...(recipe.version === 2 && { plan: recipe.plan }) };
}

interface VariantAgain {
  readonly request: EditRequest;
  /** Undefined where the recipe holds none that can be run. */
  readonly plan: Plan | undefined;
  /** Which of the variants that are drawn is the wanted one. */
  readonly index: number;
}

/**
 * The run that draws one variant of several, and of the others only those it was drawn together with: variant k of seed s is
 * the first variant of seed s + k.
 */
export function variantAgain(recipe: Recipe): VariantAgain {
  const { request, variant } = recipe;
  const batch = recipe.version === 2 ? recipe.plan.batch : 1;
  const index = variant % batch;
  const first = variant - index;
  const run = { seed: (request.seed + first) >>> 0, count: Math.min(batch, request.count - first) };
  return {
    request: { ...request, ...run },
    plan: recipe.version === 2 ? { ...recipe.plan, ...run } : undefined,
    index,
  };
}
