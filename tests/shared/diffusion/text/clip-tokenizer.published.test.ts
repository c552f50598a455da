import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ClipTokenizer } from "../../../../shared/diffusion/text/clip-tokenizer.ts";
import { readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";

const { content } = readFixture<{
  /** Ids as the encoder reads them; where the list ends, the last one repeats. */
  readonly tokens: readonly (readonly [prompt: string, ids: readonly number[]])[];
}>("text/clip-prompts");

/** The merges that OpenAI published with CLIP, which every Stable Diffusion reads its prompts by. */
const merges = readFileSync(inRepository("models/clip-tokenizer/merges.txt"), "utf8");

/** vocab.json as it follows from the merges (openai/CLIP, clip/simple_tokenizer.py). */
function vocabularyOf(lines: readonly string[]): Record<string, number> {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const printable = [...range(33, 127), ...range(161, 173), ...range(174, 256)];
  const others = range(256, 256 + 256 - printable.length);
  const letters = [...printable, ...others].map((code) => String.fromCodePoint(code));
  const tokens = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...lines.map((line) => line.replace(" ", "")),
    "<|startoftext|>",
    "<|endoftext|>",
  ];
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

describe("the tokenizer with OpenAI's published vocabulary", () => {
  const tokenizer = new ClipTokenizer({
    folder: "tokenizer",
    vocabulary: JSON.stringify(vocabularyOf(merges.trimEnd().split("\n"))),
    merges,
  });
  const idsOf = (prompt: string) => tokenizer.toEncoderInput(tokenizer.encode(prompt));

  // Quoted in tests elsewhere: elixir-nx/bumblebee, test/bumblebee/text/clip_text_test.exs (the first two).
  it.each([
    ["a photo of a cat", [49406, 320, 1125, 539, 320, 2368, 49407]],
    ["a photo of a dog", [49406, 320, 1125, 539, 320, 1929, 49407]],
    ["Hello, world!", [49406, 3306, 267, 1002, 256, 49407]],
  ])("gives the published ids of %j", (prompt, ids) => {
    expect(idsOf(prompt).slice(0, ids.length)).toEqual(ids);
  });

  it.each(content.tokens)("gives the ids of transformers for %j", (prompt, ids) => {
    const expected = [...ids];
    while (expected.length < tokenizer.maxLength) expected.push(ids.at(-1)!);
    expect(idsOf(prompt)).toEqual(expected);
  });
});
