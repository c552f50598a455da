import type { CheckpointStorage } from "../../../shared/diffusion/checkpoint/checkpoint-storage.ts";
import type { ModelSession } from "../../../shared/diffusion/model-session.ts";
import type { GraphProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { OnnxGraph } from "../../../shared/networks/graph/onnx-graph.ts";
import { encodeOnnx } from "../../../shared/networks/graph/onnx-writer.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { ExternalWeights, OnnxRuntime } from "../runtime/onnx-runtime.ts";
import type { WebModel } from "./web-model.ts";
import type { WebPackFiles } from "./web-pack-files.ts";
import { layOutSegments } from "./weight-segments.ts";

export interface WebCheckpointOptions {
  readonly model: WebModel;
  readonly runtime: Pick<OnnxRuntime, "openSession">;
  readonly profile: CheckpointStorage["profile"];
  readonly clipMerges: () => Promise<string>;
}

/** A checkpoint whose files are fetched, or lie in memory, and are handed to the runtime in segments. */
export class WebCheckpoint implements CheckpointStorage {
  readonly #options: WebCheckpointOptions;

  constructor(options: WebCheckpointOptions) {
    this.#options = options;
  }

  readText(path: string): Promise<string | undefined> {
    const { files, name } = this.#locate(path);
    return files.readText(name);
  }

  async size(path: string): Promise<number | undefined> {
    const { files, name } = this.#locate(path);
    return (await files.blob(name))?.size;
  }

  async readBytes(path: string, offset: number, length: number): Promise<Uint8Array> {
    const { files, name } = this.#locate(path);
    const blob = await files.blob(name);
    const bytes = blob && new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    if (bytes?.length === length) return bytes;
    throw new OverpaintError(
      "damaged-model",
      `The model's file ${path.replace(/^@[^/]+\//, "")} is incomplete.`,
      "Restore the file from where the model came from.",
    );
  }

  profile(compute?: GraphProfile["compute"]): Promise<GraphProfile> {
    return this.#options.profile(compute);
  }

  async quantise(): Promise<never> {
    throw new OverpaintError(
      "unsupported-model",
      "The browser's engine keeps no quantised weights.",
      "Leave the precision to the engine, or start the companion.",
    );
  }

  clipMerges(): Promise<string> {
    return this.#options.clipMerges();
  }

  async openGraph(name: string, graph: OnnxGraph): Promise<ModelSession> {
    const { segments, graph: rebased } = layOutSegments(graph);
    const weights: ExternalWeights[] = [];
    for (const { name: path, file, offset, length } of segments)
      weights.push({ path, data: await this.readBytes(file, offset, length) });
    const bytes = encodeOnnx(rebased, (file) => file);
    return this.#options.model.files.inTurns(await this.#options.runtime.openSession(name, bytes, weights));
  }

  /** Where a path leads: into the model's own folder, or into that of what it is opened with. */
  #locate(path: string): { readonly files: WebPackFiles; readonly name: string } {
    const { files, beside } = this.#options.model;
    const slash = path.indexOf("/");
    const other = beside.get(path.slice(0, Math.max(slash, 0)));
    return other ? { files: other, name: path.slice(slash + 1) } : { files, name: path };
  }
}
