import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ClipTokenizer } from "../../../../shared/diffusion/text/clip-tokenizer.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";

const { content } = readFixture<{
  /** Ids as the encoder reads them; where the list ends, the last one repeats. */
  readonly tokens: readonly (readonly [prompt: string, ids: readonly number[]])[];
  readonly padId: number;
  readonly embeddings: readonly (readonly [string, FixtureRange])[];
}>("text/prompts");

function readText(name: string): string {
  return readFileSync(inRepository(`tests/fixtures/tokenizer/${name}`), "utf8");
}

const files = {
  folder: "tokenizer",
  vocabulary: readText("vocab.json"),
  merges: readText("merges.txt"),
  config: readText("tokenizer_config.json"),
};

describe("the CLIP tokenizer", () => {
  const tokenizer = new ClipTokenizer(files);

  it.each(content.tokens)("gives the ids of transformers for %j", (prompt, ids) => {
    const expected = [...ids];
    while (expected.length < tokenizer.maxLength) expected.push(ids.at(-1)!);
    expect(tokenizer.toEncoderInput(tokenizer.encode(prompt))).toEqual(expected);
  });

  it("pads with the token the model was trained with", () => {
    const padded = new ClipTokenizer({ ...files, config: '{"pad_token": {"content": "!"}}' });
    const input = padded.toEncoderInput(padded.encode("a cat"));
    expect(input).toHaveLength(77);
    expect(input.at(-1)).toBe(0);
    expect(input.indexOf(padded.endId)).toBe(padded.encode("a cat").length + 1);
  });

  it("takes the pad token from special_tokens_map.json where tokenizer_config.json has none", () => {
    const padded = new ClipTokenizer({ ...files, config: "{}", specialTokens: '{"pad_token": "!"}' });
    expect(padded.padId).toBe(0);
  });

  it("reads a length without limit as CLIP's 77", () => {
    expect(new ClipTokenizer({ ...files, config: '{"model_max_length": 1e30}' }).maxLength).toBe(77);
  });

  it("names the file that is damaged", () => {
    expect(() => new ClipTokenizer({ ...files, vocabulary: "{" })).toThrow("tokenizer/vocab.json is not JSON");
    expect(() => new ClipTokenizer({ ...files, vocabulary: '{"a": 0}' })).toThrow('has no token "<|startoftext|>"');
  });
});
