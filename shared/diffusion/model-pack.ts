import type { ModelFacts } from "../protocol/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import type { ModelSession, Tensor } from "./model-session.ts";
import type { Component } from "./pack/component.ts";
import { inspectDenoiser } from "./pack/graph-facts.ts";
import { modelFacts } from "./pack/model-facts.ts";
import { describePack, type PackDescription } from "./pack/pack-description.ts";
import type { PackFiles } from "./pack-files.ts";
import { ClipTokenizer } from "./text/clip-tokenizer.ts";

export interface ModelPackOptions {
  /** Told after every evaluation of a graph; `now` in milliseconds from any origin. For timings, never for results. */
  readonly timing?: {
    readonly now: () => number;
    readonly onSessionRun: (component: Component, milliseconds: number) => void;
  };
}

/**
 * A model pack in use. Graphs are opened when first needed and kept until `release`.
 *
 * ```ts
 * const pack = await ModelPack.open(files);
 * const picture = await inpaint(pack, { prompt: "a cat", … });
 * await pack.release();
 * ```
 */
export class ModelPack {
  readonly facts: ModelFacts;
  readonly description: PackDescription;
  readonly #files: PackFiles;
  readonly #options: ModelPackOptions;
  readonly #sessions = new Map<Component, Promise<ModelSession>>();
  readonly #tokenizers = new Map<string, Promise<ClipTokenizer>>();

  private constructor(
    files: PackFiles,
    options: ModelPackOptions,
    description: PackDescription,
    denoiser: ModelSession,
  ) {
    this.#files = files;
    this.#options = options;
    this.description = description;
    this.#sessions.set("unet", Promise.resolve(this.#timed("unet", denoiser)));
    this.facts = modelFacts(description, inspectDenoiser(denoiser, description));
  }

  /**
   * Reads the pack's configs and opens its denoiser, which alone knows the sizes it takes.
   * Throws OverpaintError `damaged-model` or `unsupported-model`, saying what is missing and what to do.
   */
  static async open(files: PackFiles, options: ModelPackOptions = {}): Promise<ModelPack> {
    const description = await describePack(files);
    const denoiser = await files.openSession(graphPath(description, "unet"));
    try {
      return new ModelPack(files, options, description, denoiser);
    } catch (error) {
      await denoiser.release();
      throw error;
    }
  }

  /** A component's graph, opened on first use. Throws OverpaintError `unsupported-model` when the pack has none. */
  session(component: Component): Promise<ModelSession> {
    const known = this.#sessions.get(component);
    if (known) return known;
    const path = graphPath(this.description, component);
    const opened = this.#files.openSession(path).then((session) => this.#timed(component, session));
    this.#sessions.set(component, opened);
    // A graph that could not be opened is tried again next time: memory may be free by then.
    opened.catch(() => this.#sessions.delete(component));
    return opened;
  }

  /** The tokenizer of a text encoder, read on first use. */
  tokenizer(encoder: "text_encoder" | "text_encoder_2"): Promise<ClipTokenizer> {
    const folder = encoder === "text_encoder" ? "tokenizer" : "tokenizer_2";
    const known = this.#tokenizers.get(folder);
    if (known) return known;
    const read = readTokenizer(this.#files, folder);
    this.#tokenizers.set(folder, read);
    read.catch(() => this.#tokenizers.delete(folder));
    return read;
  }

  /** Frees every graph. The pack must not be used afterwards. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map(async (session) => (await session).release()));
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

async function readTokenizer(files: PackFiles, folder: string): Promise<ClipTokenizer> {
  const required = async (name: string): Promise<string> => {
    const text = await files.readText(`${folder}/${name}`);
    if (text !== undefined) return text;
    throw new OverpaintError("damaged-model", `The model's ${folder}/${name} is missing.`, "Install the model again.");
  };
  return new ClipTokenizer({
    folder,
    vocabulary: await required("vocab.json"),
    merges: await required("merges.txt"),
    config: await files.readText(`${folder}/tokenizer_config.json`),
    specialTokens: await files.readText(`${folder}/special_tokens_map.json`),
  });
}
