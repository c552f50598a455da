import type { EditEvent } from "./edit-event.ts";
import type { EditRequest } from "./edit-request.ts";
import type { ModelId } from "./models/model-facts.ts";
import type { Selected } from "./selection.ts";

/** What the browser engine found to run on. */
export interface BrowserDevice {
  readonly device: "webgpu" | "wasm";
  /** Why WebGPU is not used, when it is not. */
  readonly reason?: string | undefined;
  /** That WASM computes on, where there are several. */
  readonly threads?: number | undefined;
}

/** Files that the engine lacks are on their way: bytes that are there, and of all of them. */
export interface Fetching {
  readonly done: number;
  readonly total: number;
}

/** What the engine keeps of its files. */
export interface EngineStorage {
  /** Whether that is there at the next opening; else it is in memory, as the browser denies the page its storage or is out of room. */
  readonly lasts: boolean;
  readonly bytes: number;
  /** Bytes that the browser grants besides; undefined where nobody knows. */
  readonly free: number | undefined;
}

export interface BrowserEdit {
  readonly request: EditRequest;
  /** The encoded files, as they would be sent to the companion; which ones the task needs says `editParts`. */
  readonly image?: Uint8Array | undefined;
  readonly mask?: Uint8Array | undefined;
  /** Default: none. */
  readonly references?: readonly Uint8Array[] | undefined;
  /** One for each of the request's controls. */
  readonly controls?: readonly (Uint8Array | undefined)[] | undefined;
}

/** Something to be found in a picture, by a model of that kind. */
export interface BrowserSelection {
  readonly model: ModelId;
  readonly of: Selected;
  /** The encoded file. */
  readonly image: Uint8Array;
}

/**
 * The in-browser engine as the panel sees it, over comlink. One edit at a time.
 * Events are those of the companion; `readLayer` answers the PNG of a variant once its `result` event came.
 */
export interface EngineWorkerApi {
  /**
   * `modelsUrl`: folder that holds one folder per pack. `device` forces one; default: WebGPU if an adapter exists, else WASM.
   * Software that stands in for a graphics device counts with `acceptsSoftware`, or where WebGPU is forced.
   * From then on `onFetching` is told what is fetched.
   */
  prepare(
    options: {
      readonly modelsUrl: string;
      readonly device?: "webgpu" | "wasm" | undefined;
      readonly acceptsSoftware?: boolean | undefined;
    },
    onFetching?: (progress: Fetching) => void,
  ): Promise<BrowserDevice>;
  /**
   * Fetches everything an edit may need, so that edits go on without a server.
   */
  keepReady(): Promise<void>;
  /** What of its files it keeps. */
  storage(): Promise<EngineStorage>;
  /** Resolves after the final event has been delivered; never rejects for a failed edit (that is an event). */
  run(edit: BrowserEdit, onEvent: (event: EditEvent) => void): Promise<void>;
  /** Takes effect between steps. */
  cancel(): Promise<void>;
  readLayer(variant: number): Promise<Uint8Array>;
  /**
   * The mask as grey PNG of the picture's size. Not while an edit runs. What was seen of a picture is kept for the next click
   * on it.
   */
  select(selection: BrowserSelection): Promise<Uint8Array>;
}
