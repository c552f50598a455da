import type { ModelSession } from "../../../shared/diffusion/model-session.ts";
import { readGraphValues } from "../../../shared/diffusion/pack/read-graph-values.ts";
import type { GraphDeclaration, PackFiles } from "../../../shared/diffusion/pack-files.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { sha256OfBlob } from "../digests/sha256.ts";
import type { FoundFile } from "../files/found-file.ts";
import type { ExternalWeights, OnnxRuntime } from "../runtime/onnx-runtime.ts";
import { readGraph } from "../runtime/read-graph.ts";
import { yieldToMessages } from "../yield-to-messages.ts";

export interface WebPackFilesOptions {
  /** Where the pack's folder is served, ending in a slash. */
  readonly url: URL;
  readonly runtime: Pick<OnnxRuntime, "openSession">;
  readonly files: FileSource;
}

/** Where files are found by their addresses. */
export interface FileSource {
  /** Undefined where there is none. Rejects where it cannot be had. */
  find(address: URL): Promise<FoundFile | undefined>;
  /** The paths of the files below an address that ends in a slash; undefined where nobody lists them. */
  list(address: URL): Promise<readonly string[] | undefined>;
}

/** A pack whose files are found one by one: at a web server, or in the browser's own storage. */
export class WebPackFiles implements PackFiles {
  readonly #options: WebPackFilesOptions;
  readonly #hashes = new Map<string, string>();
  readonly #blobs = new Map<string, Promise<Blob | undefined>>();

  constructor(options: WebPackFilesOptions) {
    this.#options = options;
  }

  /** SHA-256 of the files read so far, by path, in alphabetical order. */
  get hashes(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#hashes].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async readText(path: string): Promise<string | undefined> {
    const bytes = await this.#read(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  async openSession(path: string): Promise<ModelSession> {
    const graph = await this.#require(path);
    const weights: ExternalWeights[] = [];
    for (const [name, file] of weightFiles(graph, path)) weights.push({ path: name, data: await this.#require(file) });
    return this.inTurns(await this.#options.runtime.openSession(path, graph, weights));
  }

  /** Bytes of a graph's file and of those that hold its weights. */
  async weightBytes(path: string): Promise<number> {
    const graph = await this.#require(path);
    let bytes = graph.length;
    for (const file of weightFiles(graph, path).values()) bytes += (await this.blob(file))?.size ?? 0;
    return bytes;
  }

  async readDeclaration(path: string): Promise<GraphDeclaration> {
    const blob = await this.blob(path);
    if (blob === undefined) throw missing(path);
    const read = async (at: number, length: number) => new Uint8Array(await blob.slice(at, at + length).arrayBuffer());
    return await readGraphValues({ size: blob.size, read }, path);
  }

  async listGraphs(): Promise<readonly string[]> {
    const paths = (await this.#options.files.list(this.#options.url)) ?? [];
    return paths.filter((path) => /\.onnx$/i.test(path)).toSorted();
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

  /** A file to take pieces of, or undefined where there is none: files of several gigabytes fit no buffer. */
  blob(path: string): Promise<Blob | undefined> {
    const known = this.#blobs.get(path) ?? this.#find(path);
    this.#blobs.set(path, known);
    known.catch(() => this.#blobs.delete(path));
    return known;
  }

  async #require(path: string): Promise<Uint8Array> {
    const bytes = await this.#read(path);
    if (bytes === undefined) throw missing(path);
    return bytes;
  }

  /** The file's bytes, or undefined where there is none. */
  async #read(path: string): Promise<Uint8Array | undefined> {
    const blob = await this.blob(path);
    return blob && new Uint8Array(await blob.arrayBuffer());
  }

  async #find(path: string): Promise<Blob | undefined> {
    try {
      const found = await this.#options.files.find(new URL(path, this.#options.url));
      if (found === undefined) return undefined;
      const { content, sha256 } = found;
      this.#hashes.set(path, sha256 ?? (await sha256OfBlob(content)));
      return content;
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

/** The files that hold a graph's weights, by the names that it has for them. */
function weightFiles(graph: Uint8Array, path: string): ReadonlyMap<string, string> {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  try {
    return new Map(readGraph(graph).files.map((name) => [name, pathInside(folder, name)]));
  } catch (cause) {
    if (cause instanceof OverpaintError) throw cause;
    throw damaged(`The model's file ${path} is damaged or incomplete.`, cause);
  }
}

/** A graph may name files beside it, not addresses or folders above. */
function pathInside(folder: string, name: string): string {
  if (name.split("/").includes("..") || /^[/\\]|^[a-z][a-z0-9+.-]*:/i.test(name))
    throw damaged(`The model's graph in ${folder} refers to weights outside the model: ${name}`);
  return folder + name;
}

function missing(path: string): OverpaintError {
  return damaged(`The model's file ${path} is missing.`);
}

function damaged(message: string, cause?: unknown): OverpaintError {
  return new OverpaintError("damaged-model", message, "Restore the file from where the model came from.", { cause });
}
