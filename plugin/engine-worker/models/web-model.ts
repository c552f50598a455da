import {
  type CheckpointChoice,
  controlNetFolder,
  IMAGE_ENCODER,
  IP_ADAPTER,
  loraFolder,
  OTHER_VAE,
  textEncoderFolder,
} from "../../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import { readRecommended } from "../../../shared/diffusion/checkpoint/open-parts.ts";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { WebPackFiles } from "./web-pack-files.ts";

/** What the only file of a model, a LoRA and the like is called where models are served, whatever it is called there. */
export const CHECKPOINT = "checkpoint.safetensors";

/** The parts of a request that say which files it is drawn with. */
export type RequestedModel = Pick<
  EditRequest,
  "model" | "vae" | "textEncoders" | "loras" | "controls" | "referenceModel" | "prediction"
>;

/** What of a request says which model is opened, and how. */
export type DrawnWith = RequestedModel & Pick<EditRequest, "precision">;

/** A network that nothing is put into. */
export function bare(model: ModelId): DrawnWith {
  const nothing = { vae: null, textEncoders: [], loras: [], controls: [], referenceModel: null };
  return { model, ...nothing, prediction: null, precision: "auto" };
}

/** A model where models are served, and what it is opened with. */
export interface WebModel {
  readonly files: WebPackFiles;
  /** What it is opened with, by the folder under which the model sees it. */
  readonly beside: ReadonlyMap<string, WebPackFiles>;
  readonly choice: CheckpointChoice;
}

/** The files of a folder, by its path below the folder of all models. */
export type ServeFolder = (folder: string) => WebPackFiles;

/**
 * Finds what a request names: each model in a folder called by its id, one of bare graphs with an overpaint.json that names them, a LoRA or an IP-Adapter there as `checkpoint.safetensors`,
 * an autoencoder, a text encoder or a ControlNet so or with its config.json in the layout of diffusers.
 *
 * Throws OverpaintError `unknown-model` naming what is not there.
 */
export async function findWebModel(request: RequestedModel, serve: ServeFolder): Promise<WebModel> {
  const { model, vae, textEncoders, loras, controls, referenceModel, prediction } = request;
  const files = serve(model);
  const isFolder = (await files.readText("model_index.json")) !== undefined || (await isBare(files));
  if (!isFolder) await requireFile(files, `model "${model}"`);
  const beside = new Map<string, WebPackFiles>();
  const put = (name: string, { files: found, file }: FoundComponent) => {
    beside.set(name, found);
    return { file };
  };
  const otherVae = vae === null ? undefined : await findComponent(serve, [vae, `${vae}/vae`], `autoencoder "${vae}"`);
  const encoders = [];
  for (const [k, id] of textEncoders.entries()) {
    const encoder = await findComponent(serve, [id, `${id}/text_encoder`], `text encoder "${id}"`);
    encoders.push(put(textEncoderFolder(k), encoder));
  }
  const controlNets = [];
  for (const [k, { model: id }] of controls.entries())
    controlNets.push(put(controlNetFolder(k), await findComponent(serve, [id], `ControlNet "${id}"`)));
  for (const [k, { id }] of loras.entries()) beside.set(loraFolder(k), await requireFile(serve(id), `LoRA "${id}"`));
  if (referenceModel !== null) {
    beside.set(IP_ADAPTER, await requireFile(serve(referenceModel), `IP-Adapter "${referenceModel}"`));
    beside.set(IMAGE_ENCODER, await findImageEncoder(serve, referenceModel));
  }
  const choice = {
    file: isFolder ? undefined : CHECKPOINT,
    vae: otherVae && put(OTHER_VAE, otherVae),
    ...(encoders.length > 0 && { textEncoders: encoders }),
    loras: loras.map(({ strength }) => ({ file: CHECKPOINT, strength })),
    controlNets,
    ipAdapter: referenceModel === null ? undefined : { file: CHECKPOINT },
    prediction: prediction ?? undefined,
  };
  return { files, beside, choice };
}

/** Whether a folder is a pack of bare graphs. No server lists what it has: there its overpaint.json has to name them. */
async function isBare(files: WebPackFiles): Promise<boolean> {
  if ((await readRecommended(files))?.graphs !== undefined) return true;
  return (await files.listGraphs()).length > 0;
}

interface FoundComponent {
  readonly files: WebPackFiles;
  /** Absent: the folder is the component. */
  readonly file: string | undefined;
}

/** The first of the folders with a config.json, else the file in the first of them. */
async function findComponent(serve: ServeFolder, folders: readonly string[], what: string): Promise<FoundComponent> {
  const candidates = folders.map(serve);
  for (const files of candidates) if (await hasConfig(files)) return { files, file: undefined };
  return { files: await requireFile(candidates[0]!, what), file: CHECKPOINT }; // there is one at least
}

async function findImageEncoder(serve: ServeFolder, adapter: string): Promise<WebPackFiles> {
  // Publishers of several adapters have one encoder for all of them, beside their folders.
  for (const files of [serve(`${adapter}/image_encoder`), serve("image_encoder")])
    if (await hasConfig(files)) return files;
  throw unknown(`image encoder for the IP-Adapter "${adapter}"`);
}

async function hasConfig(files: WebPackFiles): Promise<boolean> {
  return (await files.readText("config.json")) !== undefined;
}

async function requireFile(files: WebPackFiles, what: string): Promise<WebPackFiles> {
  if ((await files.blob(CHECKPOINT)) === undefined) throw unknown(what);
  return files;
}

function unknown(what: string): OverpaintError {
  return new OverpaintError(
    "unknown-model",
    `There is no ${what} for the browser.`,
    "Choose another, or start the companion.",
  );
}

/** SHA-256 of the files read so far, by the names that the model knows them by, in alphabetical order. */
export function hashesOf({ files, beside }: WebModel): Readonly<Record<string, string>> {
  const hashes = Object.entries(files.hashes);
  for (const [folder, other] of beside)
    for (const [path, hash] of Object.entries(other.hashes)) hashes.push([`${folder}/${path}`, hash]);
  return Object.fromEntries(hashes.sort(([a], [b]) => (a < b ? -1 : 1)));
}
