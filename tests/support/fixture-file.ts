import { readFileSync } from "node:fs";
import { inRepository } from "./repository.ts";

/** [offset, length], in floats or bytes. */
export type FixtureRange = readonly [offset: number, length: number];

export interface Fixture<Content> {
  readonly content: Content;
  readonly floats: (range: FixtureRange) => Float32Array;
  readonly bytes: (range: FixtureRange) => Uint8Array;
}

/** A fixture's JSON and the tensors it points into; `name` is its path under tests/fixtures, without extension. */
export function readFixture<Content>(name: string): Fixture<Content> {
  const path = inRepository(`tests/fixtures/${name}`);
  const read = (extension: string) => Uint8Array.from(readFileSync(`${path}.${extension}`));
  let tensors: Float32Array | undefined;
  let pixels: Uint8Array | undefined;
  return {
    content: JSON.parse(readFileSync(`${path}.json`, "utf8")) as Content,
    floats: ([offset, length]) => {
      tensors ??= new Float32Array(read("f32").buffer);
      return tensors.subarray(offset, offset + length);
    },
    bytes: ([offset, length]) => {
      pixels ??= read("u8");
      return pixels.subarray(offset, offset + length);
    },
  };
}
