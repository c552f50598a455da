import type { ModelSession } from "./model-session.ts";

/** What a graph declares, readable without loading its weights. */
export type GraphDeclaration = Pick<ModelSession, "inputs" | "outputs">;

/**
 * A model pack as its runtime stores it. Paths are relative to the pack's folder, with forward slashes; those of borrowed
 * components lead to the pack beside it, `../starter/vae_decoder/model.onnx`.
 */
export interface PackFiles {
  /** The text of a file, or undefined when there is none. */
  readText(path: string): Promise<string | undefined>;
  /**
   * Loads the graph at `path` (`unet/model.onnx`), with its external weights beside it.
   * Throws OverpaintError `damaged-model` naming the file when it is missing or unreadable, `out-of-memory` when the
   * device cannot hold it.
   */
  openSession(path: string): Promise<ModelSession>;
  /** Reads a graph's declaration alone, where the runtime can. Saves loading a denoiser only to ask what it takes. */
  readDeclaration?(path: string): Promise<GraphDeclaration>;
  /** The ONNX graphs in the folder and those below it, in alphabetical order, where the runtime can list them. */
  listGraphs?(): Promise<readonly string[]>;
}
