import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { ModelSession, Tensor } from "./model-session.ts";
import { type Borrowed, locateFile } from "./pack/borrowed-components.ts";
import {
  type Component,
  controlNetComponents,
  type GraphPaths,
  type GraphSource,
  picturePromptComponents,
  textEncoderComponents,
} from "./pack/component.ts";
import type { GraphDeclaration, PackFiles } from "./pack-files.ts";
import { ChatTokenizer } from "./text/chat-tokenizer.ts";
import { ClipTokenizer } from "./text/clip-tokenizer.ts";
import { readTokenizerFiles } from "./text/read-tokenizer.ts";

export interface ModelPackOptions {
  /** Told after every evaluation of a graph; `now` in milliseconds from any origin. For timings, never for results. */
  readonly timing?:
    | {
        readonly now: () => number;
        readonly onSessionRun: (component: Component, milliseconds: number) => void;
      }
    | undefined;
  /**
   * "fast" keeps every graph once it is open; "lean" holds what reads prompts, what draws and what decodes in turn, at the price
   * of loading them again, and of previews but for a tiny decoder's. Default: fast.
   */
  readonly memory?: "fast" | "lean" | undefined;
}

/** What a pack consists of, as its configs tell. */
export interface PackContents {
  readonly graphs: GraphPaths;
  /** What the pack takes from the one beside it. */
  readonly borrowed: Borrowed | undefined;
}

const textComponents: readonly Component[] = textEncoderComponents;
const pictureComponents: readonly Component[] = picturePromptComponents;
const denoisingComponents: readonly Component[] = ["unet", "transformer", ...controlNetComponents];

/** Whether a graph goes before another comes, where they take turns. */
function makesRoom(other: Component, component: Component): boolean {
  if (other === component) return false;
  if (textComponents.includes(component)) return true;
  // An encoder and its projection work together.
  if (pictureComponents.includes(component)) return !pictureComponents.includes(other);
  const isDenoising = denoisingComponents.includes(component);
  return isDenoising && [...textComponents, ...pictureComponents, "vae_encoder"].includes(other);
}

/**
 * The graphs and tokenizers of a pack. Graphs are opened when first needed and kept until `release`, or as `memory` says.
 * What they are to each other is a model's business.
 */
export class ModelPack implements GraphSource {
  readonly graphs: GraphPaths;
  readonly #files: PackFiles;
  readonly #options: ModelPackOptions;
  readonly #borrowed: Borrowed | undefined;
  readonly #sessions = new Map<Component, Promise<ModelSession>>();
  readonly #tokenizers = new Map<string, Promise<ClipTokenizer>>();
  #chatTokenizer: Promise<ChatTokenizer> | undefined;

  constructor(files: PackFiles, options: ModelPackOptions, { graphs, borrowed }: PackContents) {
    this.#files = files;
    this.#options = options;
    this.graphs = graphs;
    this.#borrowed = borrowed;
  }

  /** Opens a pack and makes a model of it; frees what was opened for that when it fails. */
  static async opened<Model>(
    files: PackFiles,
    options: ModelPackOptions,
    contents: PackContents,
    make: (pack: ModelPack) => Promise<Model>,
  ): Promise<Model> {
    const pack = new ModelPack(files, options, contents);
    try {
      return await make(pack);
    } catch (error) {
      await pack.release();
      throw error;
    }
  }

  /** Whether graphs may have to go before others come. */
  get isLean(): boolean {
    return this.#options.memory === "lean";
  }

  has(component: Component): boolean {
    return this.graphs[component] !== undefined;
  }

  /** What a component's graph declares: read from its file where the runtime can, else by opening it. */
  async declaration(component: Component): Promise<GraphDeclaration> {
    if (this.#files.readDeclaration) return await this.#files.readDeclaration(this.#path(component));
    return await this.session(component);
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

  /** The tokenizer in a folder, read on first use. Throws OverpaintError `damaged-model` naming a file that is missing. */
  tokenizer(folder: "tokenizer" | "tokenizer_2"): Promise<ClipTokenizer> {
    const known = this.#tokenizers.get(folder);
    if (known) return known;
    const [sibling] = this.#tokenizers.values();
    const read = readTokenizerFiles(folder, this.#readerIn(folder)).then(
      async (files) => new ClipTokenizer(files, await sibling?.catch(() => undefined)),
    );
    this.#tokenizers.set(folder, read);
    read.catch(() => this.#tokenizers.delete(folder));
    return read;
  }

  /** The tokenizer of a text encoder that is a language model. Throws as `tokenizer`. */
  chatTokenizer(): Promise<ChatTokenizer> {
    this.#chatTokenizer ??= ChatTokenizer.read("tokenizer", this.#readerIn("tokenizer"));
    this.#chatTokenizer.catch(() => {
      this.#chatTokenizer = undefined;
    });
    return this.#chatTokenizer;
  }

  #readerIn(folder: string): (name: string) => Promise<string | undefined> {
    return (name) => this.#files.readText(locateFile(`${folder}/${name}`, this.#borrowed));
  }

  /** What is drawn has only to be decoded: where graphs take turns, what denoised makes room for the autoencoder. */
  async finishDenoising(): Promise<void> {
    if (this.isLean) await this.#releaseAll(denoisingComponents);
  }

  /** Frees every graph. The pack must not be used afterwards. */
  async release(): Promise<void> {
    await this.#releaseAll([...this.#sessions.keys()]);
  }

  async #open(component: Component): Promise<ModelSession> {
    const path = this.#path(component);
    if (this.isLean) await this.#releaseAll([...this.#sessions.keys()].filter((other) => makesRoom(other, component)));
    return this.#timed(component, await this.#files.openSession(path));
  }

  #path(component: Component): string {
    const path = this.graphs[component];
    if (path) return path;
    throw new OverpaintError(
      "unsupported-model",
      `This needs a ${component}, which the model does not have.`,
      `Use a model whose model_index.json lists a ${component}.`,
    );
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
