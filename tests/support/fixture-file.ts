import { readFileSync } from "node:fs";
import { inRepository } from "./repository.ts";

/** [offset, length] in floats. */
export type FloatRange = readonly [offset: number, length: number];

/** A fixture's JSON and the float32 tensors it points into; `name` is its path under tests/fixtures, without extension. */
export function readFixture<Content>(name: string): {
  readonly content: Content;
  readonly floats: (range: FloatRange) => Float32Array;
} {
  const path = inRepository(`tests/fixtures/${name}`);
  const content = JSON.parse(readFileSync(`${path}.json`, "utf8")) as Content;
  let tensors: Float32Array | undefined;
  const floats = ([offset, length]: FloatRange): Float32Array => {
    if (!tensors) {
      const bytes = readFileSync(`${path}.bin`);
      // Copied because a small file's buffer starts anywhere in Node's pool.
      tensors = new Float32Array(Uint8Array.from(bytes).buffer);
    }
    return tensors.subarray(offset, offset + length);
  };
  return { content, floats };
}
