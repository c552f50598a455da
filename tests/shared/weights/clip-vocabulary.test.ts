import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ClipTokenizer } from "../../../shared/diffusion/text/clip-tokenizer.ts";
import {
  CLIP_MERGES_PATH,
  CLIP_VOCABULARY_SIZE,
  clipSettingFiles,
  clipVocabularyFiles,
} from "../../../shared/weights/clip-vocabulary.ts";
import { readFixture } from "../../support/fixture-file.ts";
import { inRepository } from "../../support/repository.ts";

const { content } = readFixture<{ readonly tokens: readonly (readonly [prompt: string, ids: readonly number[]])[] }>(
  "text/clip-prompts",
);
const merges = readFileSync(inRepository(`models/${CLIP_MERGES_PATH}`), "utf8");

function tokenizer(padding: "end" | "exclamation mark"): ClipTokenizer {
  const files = new Map([...clipVocabularyFiles(merges), ...clipSettingFiles(padding)]);
  return new ClipTokenizer({
    folder: "tokenizer",
    vocabulary: files.get("vocab.json") ?? "",
    merges: files.get("merges.txt") ?? "",
    config: files.get("tokenizer_config.json"),
    specialTokens: files.get("special_tokens_map.json"),
  });
}

describe("the vocabulary that ships", () => {
  test("has CLIP's 49,408 tokens", () => {
    const vocabulary = JSON.parse(clipVocabularyFiles(merges).get("vocab.json") ?? "");
    expect(Object.keys(vocabulary)).toHaveLength(CLIP_VOCABULARY_SIZE);
    expect(vocabulary).toMatchObject({ "!": 0, "a</w>": 320, "<|startoftext|>": 49406, "<|endoftext|>": 49407 });
  });

  test("gives prompts the ids that transformers gives them", () => {
    const clip = tokenizer("end");
    for (const [prompt, ids] of content.tokens)
      expect(clip.toEncoderInput(clip.encode(prompt)).slice(0, ids.length)).toEqual(ids);
  });

  test("fills up with the end token for CLIP, with exclamation marks for OpenCLIP", () => {
    expect(tokenizer("end").toEncoderInput([320]).slice(0, 5)).toEqual([49406, 320, 49407, 49407, 49407]);
    expect(tokenizer("exclamation mark").toEncoderInput([320]).slice(0, 5)).toEqual([49406, 320, 49407, 0, 0]);
  });
});
