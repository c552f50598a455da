import type { JobId, JobTarget, ModelSummary } from "../../../shared/protocol/api.ts";
import type { EditEvent } from "../../../shared/protocol/edit-event.ts";
import type { EditRequest, KeptPart } from "../../../shared/protocol/edit-request.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import type { Selected } from "../../../shared/protocol/selection.ts";

export type EnginePlace = "companion" | "browser";

/** A picture as it is stored. */
export interface PictureFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mime: string;
}

/** One edit with its pixels: the same object for every engine, and kept until the edit is over so that it can run again. */
export interface EditInput {
  readonly request: EditRequest;
  /** The source as Penpot stores it, for the edits that have one. */
  readonly image?: PictureFile;
  /** 8-bit greyscale PNG of the source's size, for inpainting. */
  readonly mask?: Uint8Array<ArrayBuffer>;
  /** Pictures as style, to draw after, or of which an instruction may speak. Default: none. */
  readonly references?: readonly PictureFile[];
  /** What each control of the request is shown, where that is not the source or the mask. */
  readonly controls?: readonly (PictureFile | undefined)[];
  /** Absent for a picture that goes onto the page. */
  readonly target?: JobTarget;
  /** The document it was asked for in. */
  readonly fileId?: string;
}

/** An edit that an engine has taken on. */
export interface EditRun {
  readonly place: EnginePlace;
  /** By which the engine knows it after the panel was closed; absent where it does not. */
  readonly id?: JobId;
  /** Milliseconds that all of its variants take from its turn on, as measured on the last such edits; absent where there were none. */
  readonly drawingMs?: number | undefined;
  /**
   * Delivers every event from the first on, and resolves after the final one. Rejects when contact is lost for good:
   * `companion-unreachable`, or `not-found` when the engine no longer knows the edit.
   */
  follow(onEvent: (event: EditEvent) => void): Promise<void>;
  /** Takes effect between steps; the `cancelled` event says when. */
  cancel(): Promise<void>;
  /** The PNG of a variant whose `result` event came. */
  readLayer(variant: number): Promise<Uint8Array<ArrayBuffer>>;
  /** A picture that was sent beside the request. Throws `not-found` where it is not kept. */
  readPart(part: KeptPart): Promise<Uint8Array<ArrayBuffer>>;
  /** Tells the engine that the result was used or turned down and need not be kept. */
  acknowledge(): Promise<void>;
}

/** Something to be found in a picture, by a model of that kind. */
export interface PictureSelection {
  readonly image: PictureFile;
  readonly of: Selected;
  readonly model: ModelId;
}

export interface EditEngine {
  readonly place: EnginePlace;
  models(): Promise<readonly ModelSummary[]>;
  start(edit: EditInput): Promise<EditRun>;
  /** The mask of what is to be found, as grey PNG of the picture's size. */
  select(selection: PictureSelection): Promise<Uint8Array<ArrayBuffer>>;
}
