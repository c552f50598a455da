import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  controlNetFolder,
  loraFolder,
  OTHER_VAE,
  textEncoderFolder,
} from "../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Recipe } from "../../shared/protocol/recipe.ts";
import { hashPack } from "../models/digests/hash-pack.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { LoraPlace } from "../models/model-place.ts";
import type { InstalledControlNet, InstalledPack, InstalledPart } from "../models/place-at.ts";
import { NamedModels } from "./named-models.ts";

/** Ids or paths that a command line names instead of a recipe's. */
export interface NamedInRecipe {
  /** Default: the model of the recipe, by its id. */
  readonly model?: string;
  /** Default: the autoencoder of the recipe, by its id. */
  readonly vae?: string;
  /** In the order of the recipe. Default: the text encoders of the recipe, by their ids. */
  readonly textEncoder?: readonly string[];
  /** In the order of the recipe. Default: the LoRAs of the recipe, by their ids. */
  readonly lora?: readonly string[];
  /** In the order of the recipe. Default: the ControlNets of the recipe, by their ids. */
  readonly controlModel?: readonly string[];
  /** Default: the IP-Adapter of the recipe, by its id. */
  readonly referenceModel?: string;
}

/**
 * The model of a recipe, as the command line says or by its id; a single file that is not installed is looked for beside the
 * picture and in the current folder, under its name.
 *
 * Throws OverpaintError `unknown-model` for what is nowhere, and `invalid-request` where more is named than the picture was made with.
 */
export async function findModel(
  { model, request }: Recipe,
  catalog: ModelCatalog,
  picture: string,
  given: NamedInRecipe,
): Promise<InstalledPack> {
  requireNoMore(request, given);
  const models = new NamedModels(catalog);
  const names = Object.keys(model.files);
  const besides = (folder: string) =>
    findBeside(
      names.filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
      picture,
    );
  const own = await findBeside(
    names.filter((name) => !name.startsWith("@")),
    picture,
  );
  const found = await findNamed({ given: given.model, id: model.id, beside: own, option: "--model" }, (place) =>
    models.model(place),
  );
  const textEncoders: InstalledPart[] = [];
  for (const [k, id] of request.textEncoders.entries()) {
    const beside = await besides(textEncoderFolder(k));
    const wanted = { given: given.textEncoder?.[k], id, beside, option: "--text-encoder" };
    textEncoders.push(await findNamed(wanted, (place) => models.textEncoder(place)));
  }
  const loras: LoraPlace[] = [];
  for (const [k, { id, strength }] of request.loras.entries()) {
    const beside = await besides(loraFolder(k));
    const wanted = { given: given.lora?.[k], id, beside, option: "--lora" };
    loras.push({ ...(await findNamed(wanted, (place) => models.lora(place))), strength });
  }
  const controlNets: InstalledControlNet[] = [];
  for (const [k, control] of request.controls.entries()) {
    const beside = await besides(controlNetFolder(k));
    const wanted = { given: given.controlModel?.[k], id: control.model, beside, option: "--control-model" };
    controlNets.push(await findNamed(wanted, (place) => models.controlNet(place)));
  }
  const { referenceModel, vae } = request;
  const adapter = referenceModel && { given: given.referenceModel, id: referenceModel, option: "--reference-model" };
  const ipAdapter = adapter ? await findNamed(adapter, (place) => models.ipAdapter(place)) : undefined;
  const pack = { ...found, textEncoders, loras, controlNets, ipAdapter };
  if (vae === null) return pack;
  const other = { given: given.vae, id: vae, beside: await besides(OTHER_VAE), option: "--vae" };
  return { ...pack, vae: await findNamed(other, (place) => models.vae(place)) };
}

/** Nobody would see in the picture's recipe what is named beyond it. */
function requireNoMore(request: EditRequest, given: NamedInRecipe): void {
  const asked = (one: string | null | undefined) => (one ? [one] : []);
  const options: readonly (readonly [option: string, named: readonly unknown[], used: readonly unknown[]])[] = [
    ["--vae", asked(given.vae), asked(request.vae)],
    ["--text-encoder", given.textEncoder ?? [], request.textEncoders],
    ["--lora", given.lora ?? [], request.loras],
    ["--control-model", given.controlModel ?? [], request.controls],
    ["--reference-model", asked(given.referenceModel), asked(request.referenceModel)],
  ];
  for (const [option, named, used] of options) {
    if (named.length <= used.length) continue;
    const message = `The picture was made ${used.length === 0 ? "without" : "with fewer of"} ${option}.`;
    throw new OverpaintError("invalid-request", message, `Leave ${used.length === 0 ? "it" : "the last ones"} out.`);
  }
}

/** The path of a model that is one checkpoint in one file, where a file of its name lies. */
async function findBeside(names: readonly string[], picture: string): Promise<string | undefined> {
  const [name, ...others] = names.filter((each) => /^[^/\\]+\.safetensors$/.test(each));
  if (name === undefined || others.length > 0 || names.some((each) => each.includes("/"))) return undefined;
  for (const path of [join(dirname(picture), name), join(process.cwd(), name)])
    if (await stat(path).catch(() => undefined)) return path;
  return undefined;
}

/** Something that a picture was made with. */
interface Wanted {
  /** What the command line names instead of it. */
  readonly given: string | undefined;
  /** As the recipe calls it. */
  readonly id: string;
  /** Where a file of its name lies. */
  readonly beside?: string | undefined;
  /** The option by which it can be named. */
  readonly option: string;
}

/** Throws OverpaintError `unknown-model` where it is nowhere: a picture is not made again without it. */
async function findNamed<Found>(
  { given, id, beside, option }: Wanted,
  find: (place: string) => Promise<Found>,
): Promise<Found> {
  return await find(given ?? id).catch((cause: unknown) => {
    const { code, message } = toErrorData(cause);
    if (code !== "unknown-model") throw cause;
    if (beside !== undefined) return find(beside);
    if (given !== undefined) throw cause;
    const remedy = `The picture was made with it: install it, or say where it is with ${option}.`;
    throw new OverpaintError(code, message, remedy, { cause });
  });
}

/** Throws OverpaintError `unknown-model` where a file of the model is another than the picture was made with. */
export async function checkModel(recipe: Recipe, { id, ...places }: InstalledPack, hashCache: string): Promise<void> {
  const files = await hashPack(places, hashCache);
  const other = Object.entries(recipe.model.files).find(([path, sha256]) => files[path] !== sha256);
  if (other !== undefined)
    throw new OverpaintError(
      "unknown-model",
      `The model ${id} is not the one the picture was made with: ${other[0]} differs.`,
      "Name the folder or file of that model with --model.",
    );
}
