import type { GraphProfile } from "../../networks/graph/graph-profile.ts";
import type { GraphValue, OnnxGraph } from "../../networks/graph/onnx-graph.ts";
import type { Precision } from "../../protocol/models/precision.ts";
import type {
  Checkpoint,
  CheckpointComponent,
  ComponentName,
  PredictionType,
} from "../../weights/checkpoint/checkpoint.ts";
import type { QuantisedFile } from "../../weights/quantise/quantised-file.ts";
import type { ModelSession, TensorType, ValueInfo } from "../model-session.ts";
import { controlNetComponents } from "../pack/component.ts";
import { listsComponent, modelIndexSchema } from "../pack/model-index.ts";
import { parseJson } from "../pack/parse-json.ts";
import type { Recommendation } from "../pack/recommendation.ts";
import type { GraphDeclaration, PackFiles } from "../pack-files.ts";
import { AppliedLoras } from "./applied-loras.ts";
import { buildComponent, type Half } from "./checkpoint-graphs.ts";
import { type CheckpointChoice, type CheckpointStorage, predictionTypeOf } from "./checkpoint-storage.ts";
import { tellingRanges } from "./observed-ranges.ts";
import { openControlNets } from "./open-control-nets.ts";
import { type IpAdapter, openIpAdapter } from "./open-ip-adapter.ts";
import { everyPart, fixedText, openParts, partOfFolder, partsWithoutGraph, readRecommended } from "./open-parts.ts";
import { openOtherVae } from "./other-vae.ts";
import { computeFor, quantisedFileOf, requireNoPrecision } from "./precision-choice.ts";
import { findTinyDecoder } from "./tiny-decoder.ts";
import { withCheckedWeights } from "./weights-that-are-numbers.ts";

/** Where the graph of a component comes from: a file of the pack, or the network's config and weights. */
type Source =
  | { readonly type: "read" }
  | {
      readonly type: "built";
      readonly component: CheckpointComponent;
      readonly half: Half;
      /** The part of the checkpoint itself, which LoRAs may change. */
      readonly part?: ComponentName;
    };

const TINY_DECODER = "tiny_vae_decoder";

interface Parts {
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

/**
 * A model as a pack in the ONNX layout, whatever it is stored as: a folder of ONNX graphs, a folder of diffusers with
 * safetensors, one mixed of both, or a single file. Graphs that are there are read; the others are built from config and
 * weights when they are asked for, over weights that stay where they are.
 */
export class CheckpointFiles implements PackFiles {
  readonly #pack: PackFiles;
  readonly #storage: CheckpointStorage;
  readonly #choice: CheckpointChoice;
  readonly #parts: Parts;
  readonly #graphs = new Map<string, Promise<OnnxGraph>>();
  /** Graphs that had to be opened to be asked what they take, until they are opened for drawing. */
  readonly #declared = new Map<string, ModelSession>();

  private constructor(pack: PackFiles, storage: CheckpointStorage, choice: CheckpointChoice, parts: Parts) {
    this.#pack = pack;
    this.#storage = storage;
    this.#choice = choice;
    this.#parts = parts;
  }

  /**
   * Reads headers and configs. `pack` answers for the ONNX graphs and texts in the same folder.
   * Throws OverpaintError `damaged-model` or `unsupported-model` where the model cannot draw as it is.
   */
  static async open(pack: PackFiles, storage: CheckpointStorage, choice: CheckpointChoice): Promise<CheckpointFiles> {
    const recommended = await readRecommended(pack);
    const settled = { ...choice, prediction: choice.prediction ?? recommended?.prediction };
    const borrowed = recommended?.borrows?.components ?? [];
    const built = settled.file === undefined ? await partsWithoutGraph(pack, storage, borrowed) : new Set(everyPart);
    // One that is replaced need not be there.
    if (settled.file === undefined && settled.vae) built.delete("vae");
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
    const parts = { checkpoint, built, pipeline, otherVae, tinyDecoder, loras, controlNets, ipAdapter };
    return new CheckpointFiles(pack, storage, settled, parts);
  }

  /** What was found out about the checkpoint; undefined for a folder in which every graph is there. */
  get checkpoint(): Checkpoint | undefined {
    return this.#parts.checkpoint;
  }

  /** The parts of the checkpoint whose graphs are built: what LoRAs can change. */
  get builtComponents(): ReadonlyMap<ComponentName, CheckpointComponent> {
    return onlyBuilt(this.#parts.checkpoint, this.#parts.built);
  }

  /** The files that hold the weights of what draws and is built, in no order. */
  get weightFiles(): readonly string[] {
    const { checkpoint, otherVae, loras, controlNets, ipAdapter } = this.#parts;
    const files = new Set(loras.files);
    for (const [name, component] of checkpoint?.components ?? [])
      if (name !== "vae" || !otherVae) addFiles(component, files);
    if (otherVae) addFiles(otherVae, files);
    for (const controlNet of controlNets) addFiles(controlNet, files);
    if (ipAdapter) for (const part of [ipAdapter.encoder, ipAdapter.projection]) addFiles(part, files);
    return [...files];
  }

  /** Whether the graph at a path is there or built. */
  isBuilt(path: string): boolean {
    return this.#source(path).type === "built";
  }

  async readText(path: string): Promise<string | undefined> {
    if (path.startsWith("../")) return await this.#pack.readText(path);
    const { otherVae } = this.#parts;
    if (path === "image_encoder/config.json" && this.#parts.ipAdapter)
      return JSON.stringify(this.#parts.ipAdapter.encoder.config);
    if (otherVae && /^vae(_encoder|_decoder)?\/config\.json$/.test(path)) return JSON.stringify(otherVae.config);
    const text = await this.#readOwn(path);
    if (path === "overpaint.json" && this.#parts.built.has("unet")) return takingAnySide(text);
    if (text === undefined) return undefined;
    if (path === "scheduler/scheduler_config.json") return withPrediction(text, predictionTypeOf(this.#choice));
    return path === "model_index.json" ? this.#withParts(text) : text;
  }

  async readDeclaration(path: string): Promise<GraphDeclaration> {
    const source = this.#source(path);
    if (source.type === "built") return declaredValues(await this.build(path));
    if (this.#pack.readDeclaration) return await this.#pack.readDeclaration(path);
    const session = await (this.#declared.get(path) ?? this.#pack.openSession(path));
    this.#declared.set(path, session);
    return session;
  }

  async listGraphs(): Promise<readonly string[]> {
    return (await this.#pack.listGraphs?.()) ?? [];
  }

  async openSession(path: string): Promise<ModelSession> {
    const source = this.#source(path);
    if (source.type === "read") {
      const declared = this.#declared.get(path);
      this.#declared.delete(path);
      return declared ?? (await this.#pack.openSession(path));
    }
    const { measureRanges = async () => new Map(), onRanges } = this.#choice;
    const quantised = this.#quantised(source);
    if (quantised) await this.#storage.quantise(quantised, measureRanges);
    const graph = await this.build(path);
    // The session has it now.
    this.#graphs.delete(path);
    const opened = await this.#storage.openGraph(path, graph);
    const session = onRanges && source.part === "unet" ? tellingRanges(opened, onRanges) : opened;
    return withCheckedWeights(session, graph, this.#storage);
  }

  /** The graph at a path, one that is built; kept from its declaration until it is opened. */
  build(path: string): Promise<OnnxGraph> {
    const known = this.#graphs.get(path) ?? this.#build(path);
    this.#graphs.set(path, known);
    known.catch(() => this.#graphs.delete(path));
    return known;
  }

  async #build(path: string): Promise<OnnxGraph> {
    const source = this.#source(path);
    if (source.type === "read") throw new Error(`${path} is a file`);
    const { component, half, part } = source;
    const { loras, controlNets, ipAdapter } = this.#parts;
    return buildComponent(component, half, {
      profile: this.#choice.single?.includes(path.slice(0, path.indexOf("/")))
        ? await this.#storage.profile("float32")
        : await this.#profile(),
      pipeline: this.#parts.pipeline,
      quantised: this.#quantised(source),
      tellsRanges: this.#choice.onRanges !== undefined && part === "unet",
      changes: part && (await loras.of(part)),
      takesResiduals: controlNets.length > 0,
      takesImagePrompt: ipAdapter !== undefined,
    });
  }

  /** What the graphs that are built compute in; undefined where none is. */
  async precision(): Promise<Precision | undefined> {
    const { precision = "auto" } = this.#choice;
    if (this.#parts.checkpoint === undefined) return undefined;
    if (precision !== "auto") return precision;
    return (await this.#profile()).compute === "float16" ? "fp16" : "fp32";
  }

  async #profile(): Promise<GraphProfile> {
    const { precision = "auto" } = this.#choice;
    return await this.#storage.profile(computeFor[precision]);
  }

  /** The quantised weights of a part of the checkpoint, where those are wanted. */
  #quantised({ part }: Extract<Source, { readonly type: "built" }>): QuantisedFile | undefined {
    const own = part && this.#parts.checkpoint?.components.get(part);
    return own && quantisedFileOf(part, own, this.#choice);
  }

  #source(path: string): Source {
    const { checkpoint, built, otherVae, tinyDecoder, controlNets, ipAdapter } = this.#parts;
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

  /** The index, with what was added to the model. */
  #withParts(text: string): string {
    const { otherVae, tinyDecoder, controlNets, ipAdapter } = this.#parts;
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

  async #readOwn(path: string): Promise<string | undefined> {
    const isFolder = this.#choice.file === undefined;
    const isReplaced = this.#choice.textEncoders !== undefined && /^text_encoder(_2)?\/config\.json$/.test(path);
    const own = path === "overpaint.json" || (isFolder && !isReplaced) ? await this.#pack.readText(path) : undefined;
    return own ?? (await this.#parts.checkpoint?.readText(path));
  }
}

function onlyBuilt(checkpoint: Checkpoint | undefined, built: ReadonlySet<ComponentName>) {
  return new Map([...(checkpoint?.components ?? [])].filter(([name]) => built.has(name)));
}

/** What a graph takes and gives, known without opening it. */
function declaredValues({ inputs, outputs }: OnnxGraph): GraphDeclaration {
  return { inputs: inputs.map(toValueInfo), outputs: outputs.map(toValueInfo) };
}

function toValueInfo({ name, type, shape }: GraphValue): ValueInfo {
  // Networks take and give float32 and integers, and compute in whatever they like in between.
  return { name, type: type as TensorType, shape };
}

function addFiles({ weights }: CheckpointComponent, files: Set<string>): void {
  for (const name of weights.names()) {
    const tensor = weights.find(name);
    if (tensor) files.add(tensor.file);
  }
}

/** Our U-Nets enlarge to the size of the skip connection, so that latents need not halve evenly. */
function takingAnySide(recommended = "{}"): string {
  const latentMultiple: Recommendation["latentMultiple"] = 1;
  return JSON.stringify({ latentMultiple, ...(JSON.parse(recommended) as object) });
}

function withPrediction(text: string, prediction: PredictionType | undefined): string {
  if (prediction === undefined) return text;
  const config: unknown = JSON.parse(text);
  return JSON.stringify({ ...(config as object), prediction_type: prediction });
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
