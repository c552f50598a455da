import { join } from "node:path";
import { CheckpointFiles } from "../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import type { CheckpointChoice, CheckpointStorage } from "../../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import type { PackFiles } from "../../../shared/diffusion/pack-files.ts";
import { cpuProfile, type GraphProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { EditRequest } from "../../../shared/protocol/edit-request.ts";
import type { QuantisedFile } from "../../../shared/weights/quantise/quantised-file.ts";
import type { ModelPlaces } from "../model-place.ts";
import { readClipMerges } from "./clip-merges.ts";
import { DiskCheckpoint } from "./disk-checkpoint.ts";
import { listGraphs } from "./list-graphs.ts";
import { readGraphFile } from "./read-graph-file.ts";
import { readPackText } from "./read-pack-text.ts";

/** What of a model is not for its files to say. */
export interface ModelChoice
  extends Partial<Pick<EditRequest, "prediction" | "precision">>,
    Pick<CheckpointChoice, "measureRanges" | "onRanges" | "single"> {}

/** A model's files as a pack. Throws OverpaintError `damaged-model` or `unsupported-model` where it cannot draw as it is. */
export function openModelFiles(
  places: ModelPlaces,
  pack: PackFiles,
  storage: CheckpointStorage,
  { prediction, ...chosen }: ModelChoice = {},
): Promise<CheckpointFiles> {
  const vae = places.vae && { file: places.vae.file };
  const textEncoders = places.textEncoders?.map((encoder) => ({ file: encoder.file }));
  const { file, loras, controlNets, ipAdapter } = places;
  return CheckpointFiles.open(pack, storage, {
    file,
    vae,
    textEncoders,
    loras,
    controlNets,
    ipAdapter,
    prediction: prediction ?? undefined,
    ...chosen,
  });
}

/** As `openModelFiles`, for asking what a model is: its graphs declare themselves and compute nothing. */
export function inspectModelFiles(places: ModelPlaces, profile: GraphProfile = cpuProfile): Promise<CheckpointFiles> {
  const { folder } = places;
  const pack: PackFiles = {
    readText: (path) => readModelText(places, path),
    readDeclaration: (path) => readGraphFile(join(folder, path), path),
    listGraphs: () => listGraphs(folder),
    openSession: async (path) => unusable(path),
  };
  return openModelFiles(places, pack, new InspectedCheckpoint(places, profile));
}

/** What a text about a single file may be called beside it: by the file's name or, in a folder of its own, as usual. */
export function textNames(file: string, path: string): readonly string[] {
  return [`${file.replace(/\.safetensors$/i, "")}.${path}`, path];
}

export async function readModelText({ folder, file }: ModelPlaces, path: string): Promise<string | undefined> {
  if (file === undefined) return await readPackText(folder, path);
  for (const name of textNames(file, path)) {
    const text = await readPackText(folder, name);
    if (text !== undefined) return text;
  }
  return undefined;
}

class InspectedCheckpoint extends DiskCheckpoint implements CheckpointStorage {
  readonly #profile: GraphProfile;

  constructor(places: ModelPlaces, profile: GraphProfile) {
    super(places);
    this.#profile = profile;
  }

  async profile(): Promise<GraphProfile> {
    return this.#profile;
  }

  async openGraph(name: string): Promise<never> {
    return unusable(name);
  }

  async quantise({ file }: QuantisedFile): Promise<never> {
    return unusable(file);
  }

  clipMerges(): Promise<string> {
    return readClipMerges();
  }
}

function unusable(name: string): never {
  throw new Error(`${name} is open for inspection only`);
}
