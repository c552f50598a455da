import type { ModelFacts } from "../protocol/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { ModelSession, Tensor } from "./model-session.ts";
import { type Borrowed, locateFile } from "./pack/borrowed-components.ts";
import type { Component } from "./pack/component.ts";
import { type GraphFacts, inspectDenoiser } from "./pack/graph-facts.ts";
import { modelFacts } from "./pack/model-facts.ts";
import { describePack, type PackDescription } from "./pack/pack-description.ts";
import { inspectNetwork } from "./pack/super-resolution.ts";
import type { GraphDeclaration, PackFiles } from "./pack-files.ts";
import { ClipTokenizer } from "./text/clip-tokenizer.ts";
import { RecentValues } from "./text/recent-values.ts";
import type { EncodedChunk, TextEncoder } from "./text/text-encoder.ts";

export interface ModelPackOptions {
  /** Told after every evaluation of a graph; `now` in milliseconds from any origin. For timings, never for results. */
  readonly timing?: {
    readonly now: () => number;
    readonly onSessionRun: (component: Component, milliseconds: number) => void;
  };
  /**
   * "fast" keeps every graph once it is open; "lean" never holds the denoiser together with a text encoder, at the price
   * of loading them again. Default: fast.
   */
  readonly memory?: "fast" | "lean" | undefined;
}

/** Encoded chunks kept: the prompts of a few edits. One of SDXL takes 0.6 MB. */
const REMEMBERED_CHUNKS = 32;

const heavyComponents: readonly Component[] = ["text_encoder", "text_encoder_2", "unet"];

/**
 * A model pack in use. Graphs are opened when first needed and kept until `release`, or as `memory` says.
 *
 * ```ts
 * const pack = await ModelPack.open(files);
 * const picture = await textToImage(pack, { prompt: "a cat", width: 512, height: 512, … });
 * await pack.release();
 * ```
 */
export class ModelPack {
  readonly facts: ModelFacts;
  readonly description: PackDescription;
  readonly graph: GraphFacts;
  /** What the text encoders made of prompts seen lately. */
  readonly encodedChunks = new RecentValues<EncodedChunk>(REMEMBERED_CHUNKS);
  readonly #files: PackFiles;
  readonly #options: ModelPackOptions;
  readonly #sessions = new Map<Component, Promise<ModelSession>>();
  readonly #tokenizers = new Map<string, Promise<ClipTokenizer>>();

  private constructor(files: PackFiles, options: ModelPackOptions, description: PackDescription, graph: GraphFacts) {
    this.#files = files;
    this.#options = options;
    this.description = description;
    this.graph = graph;
    this.facts = modelFacts(description, graph);
  }

  /**
   * Reads the pack's configs and what the graph that draws declares: its denoiser, or its super-resolution network.
   * Throws OverpaintError `damaged-model` or `unsupported-model`, saying what is missing and what to do.
   */
  static async open(files: PackFiles, options: ModelPackOptions = {}): Promise<ModelPack> {
    const description = await describePack(files);
    const component = description.network ? "network" : "unet";
    const path = graphPath(description, component);
    const describe = (graph: GraphDeclaration): ModelPack => {
      const facts = description.network ? inspectNetwork(graph) : inspectDenoiser(graph, description);
      return new ModelPack(files, options, description, facts);
    };
    if (files.readDeclaration) return describe(await files.readDeclaration(path));

    const session = await files.openSession(path);
    try {
      const pack = describe(session);
      pack.#sessions.set(component, Promise.resolve(pack.#timed(component, session)));
      return pack;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** A component's graph, opened on first use. Throws OverpaintError `unsupported-model` when the pack has none. */
  session(component: Component): Promise<ModelSession> {
    const known = this.#sessions.get(component);
    if (known) return known;
    const opened = this.#open(component);
    this.#sessions.set(component, opened);
    // A graph that could not be opened is tried again next time: memory may be free by then.
    opened.catch(() => this.#sessions.delete(component));
    return opened;
  }

  /** The tokenizer of a text encoder, read on first use. */
  tokenizer(encoder: TextEncoder): Promise<ClipTokenizer> {
    const folder = encoder === "text_encoder" ? "tokenizer" : "tokenizer_2";
    const known = this.#tokenizers.get(folder);
    if (known) return known;
    const read = readTokenizer(this.#files, folder, this.description.borrowed);
    this.#tokenizers.set(folder, read);
    read.catch(() => this.#tokenizers.delete(folder));
    return read;
  }

  /** Frees every graph. The pack must not be used afterwards. */
  async release(): Promise<void> {
    await this.#releaseAll([...this.#sessions.keys()]);
  }

  async #open(component: Component): Promise<ModelSession> {
    const path = graphPath(this.description, component);
    if (this.#options.memory === "lean" && heavyComponents.includes(component))
      await this.#releaseAll(heavyComponents.filter((other) => other !== component));
    return this.#timed(component, await this.#files.openSession(path));
  }

  async #releaseAll(released: readonly Component[]): Promise<void> {
    const sessions = released.flatMap((component) => this.#sessions.get(component) ?? []);
    for (const component of released) this.#sessions.delete(component);
    for (const opened of await Promise.allSettled(sessions))
      if (opened.status === "fulfilled") await opened.value.release();
  }

  #timed(component: Component, session: ModelSession): ModelSession {
    const { timing } = this.#options;
    if (!timing) return session;
    return {
      inputs: session.inputs,
      outputs: session.outputs,
      run: async (feeds: Readonly<Record<string, Tensor>>) => {
        const start = timing.now();
        try {
          return await session.run(feeds);
        } finally {
          timing.onSessionRun(component, timing.now() - start);
        }
      },
      release: () => session.release(),
    };
  }
}

function graphPath({ graphs }: PackDescription, component: Component): string {
  const path = graphs[component];
  if (path) return path;
  throw new OverpaintError(
    "unsupported-model",
    `This needs a ${component}, which the model does not have.`,
    `Use a model whose model_index.json lists a ${component}.`,
  );
}

async function readTokenizer(files: PackFiles, folder: string, borrowed: Borrowed | undefined): Promise<ClipTokenizer> {
  const read = (name: string) => files.readText(locateFile(`${folder}/${name}`, borrowed));
  const required = async (name: string): Promise<string> => {
    const text = await read(name);
    if (text !== undefined) return text;
    throw new OverpaintError("damaged-model", `The model's ${folder}/${name} is missing.`, "Install the model again.");
  };
  return new ClipTokenizer({
    folder,
    vocabulary: await required("vocab.json"),
    merges: await required("merges.txt"),
    config: await read("tokenizer_config.json"),
    specialTokens: await read("special_tokens_map.json"),
    addedTokens: await read("added_tokens.json"),
  });
}
