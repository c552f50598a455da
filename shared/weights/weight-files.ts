/**
 * Files of weights as a runtime stores them. Paths are those of the caller, with forward slashes: relative to a model's folder,
 * or whatever a single file was called.
 */
export interface WeightFiles {
  /** The text of a file, or undefined when there is none. */
  readText(path: string): Promise<string | undefined>;
  /** In bytes; undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** Exactly `length` bytes from `offset` on, which may exceed 4 GiB. */
  readBytes(path: string, offset: number, length: number): Promise<Uint8Array>;
}
