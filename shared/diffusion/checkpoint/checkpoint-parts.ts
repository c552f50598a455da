import type { Checkpoint, CheckpointComponent, ComponentName } from "../../weights/checkpoint/checkpoint.ts";
import { controlNetComponents } from "../pack/component.ts";
import { listsComponent, modelIndexSchema } from "../pack/model-index.ts";
import { parseJson } from "../pack/parse-json.ts";
import type { PackFiles } from "../pack-files.ts";
import { AppliedLoras } from "./applied-loras.ts";
import type { Half } from "./checkpoint-graphs.ts";
import type { CheckpointChoice, CheckpointStorage } from "./checkpoint-storage.ts";
import { openControlNets } from "./open-control-nets.ts";
import { type IpAdapter, openIpAdapter } from "./open-ip-adapter.ts";
import { everyPart, fixedText, openParts, partOfFolder, partsWithoutGraph, readRecommended } from "./open-parts.ts";
import { openOtherVae } from "./other-vae.ts";
import { requireNoPrecision } from "./precision-choice.ts";
import { findTinyDecoder } from "./tiny-decoder.ts";

/** Where the graph of a component comes from: a file of the pack, or the network's config and weights. */
export type GraphSource =
  | { readonly type: "read" }
  | {
      readonly type: "built";
      readonly component: CheckpointComponent;
      readonly half: Half;
      /** The part of the checkpoint itself, which LoRAs may change. */
      readonly part?: ComponentName;
    };

const TINY_DECODER = "tiny_vae_decoder";

interface FoundParts {
  /** Absent for a folder in which every graph is there. */
  readonly checkpoint: Checkpoint | undefined;
  /** Those parts of the checkpoint whose graphs are built. */
  readonly built: ReadonlySet<ComponentName>;
  /** As model_index.json names it. */
  readonly pipeline: string;
  readonly otherVae: CheckpointComponent | undefined;
  readonly tinyDecoder: CheckpointComponent | undefined;
  readonly loras: AppliedLoras;
  readonly controlNets: readonly CheckpointComponent[];
  readonly ipAdapter: IpAdapter | undefined;
}

/** What a model is put together of: its own parts and those that take their places or come beside them. */
export class CheckpointParts {
  /** What is not for the files to say, with what its recommendations do. */
  readonly choice: CheckpointChoice;
  readonly found: FoundParts;

  private constructor(choice: CheckpointChoice, found: FoundParts) {
    this.choice = choice;
    this.found = found;
  }

  /**
   * Reads headers and configs. `pack` answers for the ONNX graphs and texts in the same folder.
   * Throws OverpaintError `damaged-model` or `unsupported-model` where the model cannot draw as it is.
   */
  static async open(pack: PackFiles, storage: CheckpointStorage, choice: CheckpointChoice): Promise<CheckpointParts> {
    const recommended = await readRecommended(pack);
    const settled = { ...choice, prediction: choice.prediction ?? recommended?.prediction };
    const borrowed = recommended?.borrows?.components ?? [];
    const built = choice.file === undefined ? await partsWithoutGraph(pack, storage, borrowed) : new Set(everyPart);
    // One that is replaced need not be there.
    if (choice.file === undefined && choice.vae) built.delete("vae");
    if (built.size === 0 && (choice.textEncoders ?? []).length > 0) throw fixedText();
    const checkpoint = built.size === 0 ? undefined : await openParts(storage, settled, built);
    const read = async (path: string) => (await checkpoint?.readText(path)) ?? (await pack.readText(path));
    const index = parseJson("model_index.json", (await read("model_index.json")) ?? "{}", modelIndexSchema.partial());
    const pipeline = index._class_name ?? "";
    const tinyDecoder = await findTinyDecoder(storage, recommended?.tinyVae, pipeline);
    const otherVae = choice.vae && (await openVae(read, storage, choice.vae, pipeline));
    const own = onlyBuilt(checkpoint, built);
    const loras = await AppliedLoras.open(storage, choice, own);
    const controlNets = await openControlNets(storage, choice, own);
    if (checkpoint === undefined) requireNoPrecision(choice);
    const ipAdapter = choice.ipAdapter && (await openIpAdapter(storage, choice.ipAdapter.file, own));
    const found = { checkpoint, built, pipeline, otherVae, tinyDecoder, loras, controlNets, ipAdapter };
    return new CheckpointParts(settled, found);
  }

  /** The parts of the checkpoint whose graphs are built: what LoRAs can change. */
  get builtComponents(): ReadonlyMap<ComponentName, CheckpointComponent> {
    return onlyBuilt(this.found.checkpoint, this.found.built);
  }

  /** The files that hold the weights of what draws and is built, in no order. */
  get weightFiles(): readonly string[] {
    const { checkpoint, otherVae, loras, controlNets, ipAdapter } = this.found;
    const files = new Set(loras.files);
    for (const [name, component] of checkpoint?.components ?? [])
      if (name !== "vae" || !otherVae) addFiles(component, files);
    if (otherVae) addFiles(otherVae, files);
    for (const controlNet of controlNets) addFiles(controlNet, files);
    if (ipAdapter) for (const part of [ipAdapter.encoder, ipAdapter.projection]) addFiles(part, files);
    return [...files];
  }

  source(path: string): GraphSource {
    const { checkpoint, built, otherVae, tinyDecoder, controlNets, ipAdapter } = this.found;
    const folder = path.slice(0, path.indexOf("/"));
    const place = partOfFolder[folder];
    if (otherVae && place?.part === "vae") return { type: "built", component: otherVae, half: place.half };
    if (folder === TINY_DECODER && tinyDecoder) return { type: "built", component: tinyDecoder, half: "decoder" };
    const ofPicture = { image_encoder: ipAdapter?.encoder, image_projection: ipAdapter?.projection };
    const prompting = Object.entries(ofPicture).find(([name]) => name === folder)?.[1];
    if (prompting) return { type: "built", component: prompting, half: undefined };
    const controlNet = controlNets.find((_, k) => controlNetComponents[k] === folder);
    if (controlNet) return { type: "built", component: controlNet, half: undefined };
    const own = place && built.has(place.part) ? checkpoint?.components.get(place.part) : undefined;
    const component = place?.part === "unet" && ipAdapter ? ipAdapter.unet : own;
    return place && component ? { type: "built", component, ...place } : { type: "read" };
  }

  /** model_index.json, with what was added to the model. */
  withAdded(text: string): string {
    const { otherVae, tinyDecoder, controlNets, ipAdapter } = this.found;
    const index = parseJson("model_index.json", text, modelIndexSchema);
    const needsVae = otherVae && !listsComponent(index, "vae_decoder");
    return JSON.stringify({
      ...index,
      ...(needsVae && { vae: ["diffusers", otherVae.className] }),
      ...Object.fromEntries(controlNets.map(({ className }, k) => [controlNetComponents[k], ["diffusers", className]])),
      ...(ipAdapter && {
        image_encoder: ["transformers", ipAdapter.encoder.className],
        image_projection: ["diffusers", ipAdapter.projection.className],
      }),
      ...(tinyDecoder && { [TINY_DECODER]: ["diffusers", tinyDecoder.className] }),
    });
  }
}

function onlyBuilt(checkpoint: Checkpoint | undefined, built: ReadonlySet<ComponentName>) {
  return new Map([...(checkpoint?.components ?? [])].filter(([name]) => built.has(name)));
}

function addFiles({ weights }: CheckpointComponent, files: Set<string>): void {
  for (const name of weights.names()) {
    const tensor = weights.find(name);
    if (tensor) files.add(tensor.file);
  }
}

/** Opens the autoencoder that takes the place of the model's own. */
async function openVae(
  read: (path: string) => Promise<string | undefined>,
  storage: CheckpointStorage,
  vae: NonNullable<CheckpointChoice["vae"]>,
  pipeline: string,
): Promise<CheckpointComponent> {
  const ownConfig = (await read("vae/config.json")) ?? (await read("vae_decoder/config.json"));
  return await openOtherVae(storage, vae, { ownConfig, pipeline });
}
