import type { ModelSession } from "../../shared/diffusion/model-session.ts";
import type { PackFiles } from "../../shared/diffusion/pack-files.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { ExternalWeights, OnnxRuntime } from "./onnx-runtime.ts";
import { type GraphNeeds, readGraph } from "./read-graph.ts";
import { sha256, sha256OfBlob } from "./sha256.ts";
import { yieldToMessages } from "./yield-to-messages.ts";

export interface WebPackFilesOptions {
  /** Where the pack's folder is served, ending in a slash. */
  readonly url: URL;
  readonly runtime: OnnxRuntime;
  readonly fetch: (address: URL) => Promise<Response>;
}

/** A pack that a web server hands out file by file. */
export class WebPackFiles implements PackFiles {
  readonly #options: WebPackFilesOptions;
  readonly #hashes = new Map<string, string>();
  readonly #blobs = new Map<string, Promise<Blob | undefined>>();
  #bytesRead = 0;

  constructor(options: WebPackFilesOptions) {
    this.#options = options;
  }

  /** SHA-256 of the files read so far, by path, in alphabetical order. */
  get hashes(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#hashes].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Bytes of the different files read so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  async readText(path: string): Promise<string | undefined> {
    const bytes = await this.#read(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  async openSession(path: string): Promise<ModelSession> {
    const graph = await this.#require(path);
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const weights: ExternalWeights[] = [];
    for (const name of needsOf(graph, path).files)
      weights.push({ path: name, data: await this.#require(pathInside(folder, name)) });
    return this.inTurns(await this.#options.runtime.openSession(path, graph, weights));
  }

  /** A session that lets messages through before every run. */
  inTurns(session: ModelSession): ModelSession {
    return {
      inputs: session.inputs,
      outputs: session.outputs,
      run: async (feeds) => {
        await yieldToMessages();
        return session.run(feeds);
      },
      release: () => session.release(),
    };
  }

  /**
   * A file to take pieces of, or undefined where there is none. Fetched whole once and kept, by the browser on disk where it
   * likes: files of several gigabytes fit no buffer.
   */
  blob(path: string): Promise<Blob | undefined> {
    const known = this.#blobs.get(path);
    if (known) return known;
    const fetched = this.#fetch(path, async (response) => {
      const blob = await response.blob();
      this.#bytesRead += blob.size;
      this.#hashes.set(path, await sha256OfBlob(blob));
      return blob;
    });
    this.#blobs.set(path, fetched);
    fetched.catch(() => this.#blobs.delete(path));
    return fetched;
  }

  async #require(path: string): Promise<Uint8Array> {
    const bytes = await this.#read(path);
    if (bytes === undefined) throw damaged(`The model's file ${path} is missing.`);
    return bytes;
  }

  /** The file's bytes, or undefined where there is none. */
  #read(path: string): Promise<Uint8Array | undefined> {
    return this.#fetch(path, async (response) => {
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!this.#hashes.has(path)) {
        this.#bytesRead += bytes.length;
        this.#hashes.set(path, await sha256(bytes));
      }
      return bytes;
    });
  }

  /** What `read` makes of a file, or undefined where there is none. */
  async #fetch<Content>(path: string, read: (response: Response) => Promise<Content>): Promise<Content | undefined> {
    try {
      const response = await this.#options.fetch(new URL(path, this.#options.url));
      if (response.status === 404) return undefined;
      // Hosts of single-page applications answer what they do not have with their start page.
      if (response.headers.get("content-type")?.startsWith("text/html")) return undefined;
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await read(response);
    } catch (cause) {
      if (cause instanceof OverpaintError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OverpaintError(
        "damaged-model",
        `The model's file ${path} could not be fetched: ${reason}.`,
        "Check that the server of the models is running, then try again.",
        { cause },
      );
    }
  }
}

function needsOf(graph: Uint8Array, path: string): GraphNeeds {
  try {
    return readGraph(graph);
  } catch (cause) {
    throw damaged(`The model's file ${path} is damaged or incomplete.`, cause);
  }
}

/** A graph may name files beside it, not addresses or folders above. */
function pathInside(folder: string, name: string): string {
  if (name.split("/").includes("..") || /^[/\\]|^[a-z][a-z0-9+.-]*:/i.test(name))
    throw damaged(`The model's graph in ${folder} refers to weights outside the model: ${name}`);
  return folder + name;
}

function damaged(message: string, cause?: unknown): OverpaintError {
  return new OverpaintError("damaged-model", message, "Restore the file from where the model came from.", { cause });
}
