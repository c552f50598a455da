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
import type { Recommendation } from "../pack/recommendation.ts";
import type { GraphDeclaration, PackFiles } from "../pack-files.ts";
import { buildComponent } from "./checkpoint-graphs.ts";
import { CheckpointParts, type GraphSource } from "./checkpoint-parts.ts";
import { type CheckpointChoice, type CheckpointStorage, predictionTypeOf } from "./checkpoint-storage.ts";
import { tellingRanges } from "./observed-ranges.ts";
import { computeFor, quantisedFileOf } from "./precision-choice.ts";
import { withCheckedWeights } from "./weights-that-are-numbers.ts";

/**
 * A model as a pack in the ONNX layout, whatever it is stored as: a folder of ONNX graphs, a folder of diffusers with
 * safetensors, one mixed of both, or a single file. Graphs that are there are read; the others are built from config and
 * weights when they are asked for, over weights that stay where they are.
 */
export class CheckpointFiles implements PackFiles {
  readonly #pack: PackFiles;
  readonly #storage: CheckpointStorage;
  readonly #parts: CheckpointParts;
  readonly #graphs = new Map<string, Promise<OnnxGraph>>();
  /** Graphs that had to be opened to be asked what they take, until they are opened for drawing. */
  readonly #declared = new Map<string, ModelSession>();

  private constructor(pack: PackFiles, storage: CheckpointStorage, parts: CheckpointParts) {
    this.#pack = pack;
    this.#storage = storage;
    this.#parts = parts;
  }

  /** As `CheckpointParts.open`. */
  static async open(pack: PackFiles, storage: CheckpointStorage, choice: CheckpointChoice): Promise<CheckpointFiles> {
    return new CheckpointFiles(pack, storage, await CheckpointParts.open(pack, storage, choice));
  }

  /** What was found out about the checkpoint; undefined for a folder in which every graph is there. */
  get checkpoint(): Checkpoint | undefined {
    return this.#parts.found.checkpoint;
  }

  /** The parts of the checkpoint whose graphs are built: what LoRAs can change. */
  get builtComponents(): ReadonlyMap<ComponentName, CheckpointComponent> {
    return this.#parts.builtComponents;
  }

  /** The files that hold the weights of what draws and is built, in no order. */
  get weightFiles(): readonly string[] {
    return this.#parts.weightFiles;
  }

  /** Whether the graph at a path is there or built. */
  isBuilt(path: string): boolean {
    return this.#parts.source(path).type === "built";
  }

  async readText(path: string): Promise<string | undefined> {
    if (path.startsWith("../")) return await this.#pack.readText(path);
    const { otherVae, ipAdapter, built } = this.#parts.found;
    if (path === "image_encoder/config.json" && ipAdapter) return JSON.stringify(ipAdapter.encoder.config);
    if (otherVae && /^vae(_encoder|_decoder)?\/config\.json$/.test(path)) return JSON.stringify(otherVae.config);
    const text = await this.#readOwn(path);
    if (path === "overpaint.json" && built.has("unet")) return takingAnySide(text);
    if (text === undefined) return undefined;
    if (path === "scheduler/scheduler_config.json") return withPrediction(text, predictionTypeOf(this.#parts.choice));
    return path === "model_index.json" ? this.#parts.withAdded(text) : text;
  }

  async readDeclaration(path: string): Promise<GraphDeclaration> {
    const source = this.#parts.source(path);
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
    const source = this.#parts.source(path);
    if (source.type === "read") {
      const declared = this.#declared.get(path);
      this.#declared.delete(path);
      return declared ?? (await this.#pack.openSession(path));
    }
    const { measureRanges = async () => new Map(), onRanges } = this.#parts.choice;
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
    const source = this.#parts.source(path);
    if (source.type === "read") throw new Error(`${path} is a file`);
    const { component, half, part } = source;
    const { loras, controlNets, ipAdapter } = this.#parts.found;
    return buildComponent(component, half, {
      profile: this.#parts.choice.single?.includes(path.slice(0, path.indexOf("/")))
        ? await this.#storage.profile("float32")
        : await this.#profile(),
      pipeline: this.#parts.found.pipeline,
      quantised: this.#quantised(source),
      tellsRanges: this.#parts.choice.onRanges !== undefined && part === "unet",
      changes: part && (await loras.of(part)),
      takesResiduals: controlNets.length > 0,
      takesImagePrompt: ipAdapter !== undefined,
    });
  }

  /** What the graphs that are built compute in; undefined where none is. */
  async precision(): Promise<Precision | undefined> {
    const { precision = "auto" } = this.#parts.choice;
    if (this.#parts.found.checkpoint === undefined) return undefined;
    if (precision !== "auto") return precision;
    return (await this.#profile()).compute === "float16" ? "fp16" : "fp32";
  }

  async #profile(): Promise<GraphProfile> {
    const { precision = "auto" } = this.#parts.choice;
    return await this.#storage.profile(computeFor[precision]);
  }

  /** The quantised weights of a part of the checkpoint, where those are wanted. */
  #quantised({ part }: Extract<GraphSource, { readonly type: "built" }>): QuantisedFile | undefined {
    const own = part && this.#parts.found.checkpoint?.components.get(part);
    return own && quantisedFileOf(part, own, this.#parts.choice);
  }

  async #readOwn(path: string): Promise<string | undefined> {
    const isFolder = this.#parts.choice.file === undefined;
    const isReplaced = this.#parts.choice.textEncoders !== undefined && /^text_encoder(_2)?\/config\.json$/.test(path);
    const own = path === "overpaint.json" || (isFolder && !isReplaced) ? await this.#pack.readText(path) : undefined;
    return own ?? (await this.#parts.found.checkpoint?.readText(path));
  }
}

/** What a graph takes and gives, known without opening it. */
function declaredValues({ inputs, outputs }: OnnxGraph): GraphDeclaration {
  return { inputs: inputs.map(toValueInfo), outputs: outputs.map(toValueInfo) };
}

function toValueInfo({ name, type, shape }: GraphValue): ValueInfo {
  // Networks take and give float32 and integers, and compute in whatever they like in between.
  return { name, type: type as TensorType, shape };
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
