import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ClipTokenizer } from "../../../../shared/diffusion/text/clip-tokenizer.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";

const { content } = readFixture<{
  /** Ids as the encoder reads them; where the list ends, the last one repeats. */
  readonly tokens: readonly (readonly [prompt: string, ids: readonly number[]])[];
  readonly padId: number;
  /** What a tokenizer's files say of tokens beside the vocabulary, and the ids without start and end token. */
  readonly addedTokens: readonly {
    readonly name: string;
    readonly config: object;
    readonly specialTokens?: object;
    readonly addedTokens?: object;
    readonly padId: number;
    readonly tokens: readonly (readonly [prompt: string, ids: readonly number[]])[];
  }[];
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

  it("prefers special_tokens_map.json to the config, as long as the config does not list its tokens itself", () => {
    const specialTokens = '{"pad_token": "!"}';
    const config = { pad_token: "<|endoftext|>" };
    const padOf = (stated: object) =>
      new ClipTokenizer({ ...files, config: JSON.stringify(stated), specialTokens }).padId;
    expect(padOf(config)).toBe(0);
    expect(padOf({ ...config, added_tokens_decoder: {} })).toBe(content.padId);
  });

  describe.each(content.addedTokens)("with added tokens: $name", (stated) => {
    const added = new ClipTokenizer({
      ...files,
      config: JSON.stringify(stated.config),
      specialTokens: stated.specialTokens && JSON.stringify(stated.specialTokens),
      addedTokens: stated.addedTokens && JSON.stringify(stated.addedTokens),
    });

    it("pads as transformers does", () => {
      expect(added.padId).toBe(stated.padId);
    });

    it.each(stated.tokens)("gives the ids of transformers for %j", (prompt, ids) => {
      expect(added.encode(prompt)).toEqual(ids);
    });
  });

  it("names the file of added tokens that is damaged", () => {
    expect(() => new ClipTokenizer({ ...files, addedTokens: '{"<cat>": "x"}' })).toThrow(
      'tokenizer/added_tokens.json has a wrong value at "<cat>"',
    );
  });

  it("reads a length without limit as CLIP's 77", () => {
    expect(new ClipTokenizer({ ...files, config: '{"model_max_length": 1e30}' }).maxLength).toBe(77);
  });

  it("names the file that is damaged", () => {
    expect(() => new ClipTokenizer({ ...files, vocabulary: "{" })).toThrow("tokenizer/vocab.json is not JSON");
    expect(() => new ClipTokenizer({ ...files, vocabulary: '{"a": 0}' })).toThrow('has no token "<|startoftext|>"');
  });
});
