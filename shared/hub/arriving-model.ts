import type { HubFile } from "./hub-client.ts";

/** Writes on at the end of a file. */
export interface FileWriter {
  /** Takes the piece before it resolves: the caller may use its memory again. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * A model on its way into a store: files that are not whole yet, and what is remembered of them across restarts. Paths are the
 * repository's own, checked to stay within it.
 */
export interface ArrivingModel {
  /** What to do where there is no room. */
  readonly remedyForRoom: string;
  /** Bytes of a file that are there. */
  keptBytes(path: string): Promise<number>;
  /** The first `bytes` of a file that are there. */
  read(path: string, bytes: number): AsyncIterable<Uint8Array>;
  /** Cuts a file after `bytes`, and writes on from there. */
  open(path: string, bytes: number): Promise<FileWriter>;
  /** Removes what there is of a file. */
  discard(path: string): Promise<void>;
  /** Takes over a whole file of this content that lies elsewhere on this machine; false where there is none. */
  adopt(file: HubFile): Promise<boolean>;
  /** The ETag that a file's bytes came with. */
  tagOf(path: string): Promise<string | undefined>;
  rememberTag(path: string, tag: string | undefined): Promise<void>;
  /** Bytes that may still be written; undefined where nobody knows. */
  freeBytes(): Promise<number | undefined>;
}
