import type { ArrivingModel } from "../../../shared/hub/arriving-model.ts";

/** Files that are kept once they have arrived. Paths are those of the list of engine files. */
export interface KeptFiles extends ArrivingModel {
  /** Whether they are there at the next opening. */
  readonly lasts: boolean;
  /** A file that arrived whole, and whose content was checked then; else undefined. */
  whole(path: string): Promise<Blob | undefined>;
  /** Remembers that a file is whole. */
  finish(path: string): Promise<void>;
}
