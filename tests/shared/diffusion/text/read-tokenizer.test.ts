import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ClipTokenizer } from "../../../../shared/diffusion/text/clip-tokenizer.ts";
import { readTokenizerFiles } from "../../../../shared/diffusion/text/read-tokenizer.ts";
import { inRepository } from "../../../support/repository.ts";

const folder = inRepository("tests/fixtures/checkpoints/xl/tokenizer_2");
const onDisk = (name: string) => readFile(`${folder}/${name}`, "utf8").catch(() => undefined);
const opened = async (read: typeof onDisk) => new ClipTokenizer(await readTokenizerFiles("tokenizer_2", read));

test("a tokenizer.json alone gives the ids that vocab.json and merges.txt give, pairs as texts or as lists", async () => {
  const vocab = JSON.parse((await onDisk("vocab.json"))!) as Record<string, number>;
  const lines = (await onDisk("merges.txt"))!.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const special = ["!", "<|startoftext|>", "<|endoftext|>"].map((content) => ({
    id: vocab[content],
    content,
    special: true,
    normalized: false,
  }));
  const expected = await opened(onDisk);
  for (const merges of [lines, lines.map((line) => line.split(" "))]) {
    const whole = JSON.stringify({ model: { vocab, merges }, added_tokens: special });
    const tokenizer = await opened(async (name) => {
      if (name === "tokenizer.json") return whole;
      return name === "tokenizer_config.json" ? onDisk(name) : undefined;
    });
    for (const text of ["a photo of the cat", "boats! and dogs!!", "<|endoftext|> red"])
      expect(tokenizer.toEncoderInput(tokenizer.encode(text))).toEqual(expected.toEncoderInput(expected.encode(text)));
  }
});

test("a folder with neither says what is missing", async () => {
  await expect(opened(async () => undefined)).rejects.toThrow("tokenizer_2/vocab.json is missing");
});
