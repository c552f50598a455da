import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DiffusionModel } from "../../../../shared/diffusion/models/diffusion-model.ts";
import type { Component } from "../../../../shared/diffusion/pack/component.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference, rangeOf } from "../../../support/largest-difference.ts";
import { NodePackFiles } from "../../../support/node-pack-files.ts";
import { openDiffusionModel } from "../../../support/open-diffusion-model.ts";
import { inRepository } from "../../../support/repository.ts";

/** Hidden states, as a share of their range: float32 graphs in two runtimes. */
const EMBEDDING_TOLERANCE = 1e-5;

const { content, floats } = readFixture<{
  readonly embeddings: readonly (readonly [prompt: string, hidden: FixtureRange])[];
}>("text/prompts");

function packFolders(...names: readonly string[]): readonly string[] {
  return names.map((name) => inRepository(`tests/fixtures/packs/${name}`));
}

describe("prompts in chunks, with weights", () => {
  const runs: Component[] = [];
  let model: DiffusionModel;
  beforeAll(async () => {
    const timing = { now: () => 0, onSessionRun: (component: Component) => void runs.push(component) };
    model = await openDiffusionModel(new NodePackFiles(...packFolders("base")), { timing });
  });
  afterAll(() => model.release());

  it.each(content.embeddings)("encodes %j as the reference does", async (prompt, range) => {
    const { prompt: embedding } = await model.encodePrompt({ prompt, isGuided: false, longPrompts: "chunks" });
    const expected = floats(range);
    expect(embedding.tokens % 77).toBe(0);
    expect(largestDifference(embedding.hidden, expected) / rangeOf(expected)).toBeLessThan(EMBEDDING_TOLERANCE);
  });

  it.each([
    "(cat:0)",
    "(a red cat:-1)",
    `${"(".repeat(1900)}cat${")".repeat(1900)}`,
    `(cat:${"9".repeat(500)})`,
    ...Array.from({ length: 40 }, (_, i) => `(a photo of the cat:-${(i / 2).toFixed(1)})`),
  ])("stays within numbers for %.30s", async (prompt) => {
    const { prompt: embedding } = await model.encodePrompt({ prompt, isGuided: false, longPrompts: "chunks" });
    const largest = embedding.hidden.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThan(1e6);
  });

  it("fills the shorter of two prompts up with empty chunks", async () => {
    const long = "small cat ".repeat(60);
    const options = { isGuided: true, longPrompts: "chunks" } as const;
    const short = await model.encodePrompt({ ...options, prompt: "a cat", negativePrompt: long });
    expect(short.prompt.tokens).toBe(short.negative?.tokens);
    expect(short.prompt.tokens).toBeGreaterThan(77);
    const empty = await model.encodePrompt({ prompt: "", isGuided: false, longPrompts: "truncate" });
    const secondChunk = short.prompt.hidden.subarray(77 * short.prompt.width, 2 * 77 * short.prompt.width);
    expect(secondChunk).toEqual(empty.prompt.hidden);
  });

  it("takes brackets literally and cuts the prompt off where it is told to truncate", async () => {
    const options = { isGuided: false, longPrompts: "truncate" } as const;
    const weighted = await model.encodePrompt({ ...options, prompt: `(${"cat ".repeat(200)}:1.3)` });
    const plain = await model.encodePrompt({ ...options, prompt: `${"cat ".repeat(200)}` });
    expect(weighted.prompt.tokens).toBe(77);
    expect(weighted.prompt.hidden).not.toEqual(plain.prompt.hidden);
  });

  it("encodes the same prompt once", async () => {
    const options = { isGuided: true, longPrompts: "truncate", prompt: "a new cat", negativePrompt: "" } as const;
    const first = await model.encodePrompt(options);
    runs.length = 0;
    expect(await model.encodePrompt(options)).toEqual(first);
    expect(runs).toEqual([]);
  });

  it("does not read the negative prompt without guidance", async () => {
    const { negative } = await model.encodePrompt({
      prompt: "a cat",
      negativePrompt: "a dog",
      isGuided: false,
      longPrompts: "truncate",
    });
    expect(negative).toBeUndefined();
  });
});

describe("two encoders", () => {
  let model: DiffusionModel;
  beforeAll(async () => {
    model = await openDiffusionModel(new NodePackFiles(...packFolders("base", "xl")));
  });
  afterAll(() => model.release());
  const options = { prompt: "a red cat", isGuided: true, longPrompts: "chunks" } as const;

  it("stand side by side, with the second one's pooled embedding", async () => {
    const { prompt } = await model.encodePrompt(options);
    expect([prompt.tokens, prompt.width, prompt.pooled?.length]).toEqual([77, 32, 12]);
  });

  it("are zero for a negative prompt that is missing, but not for one that is empty", async () => {
    const missing = await model.encodePrompt(options);
    expect(missing.negative?.hidden.every((value) => value === 0)).toBe(true);
    expect(missing.negative?.pooled?.every((value) => value === 0)).toBe(true);
    const empty = await model.encodePrompt({ ...options, negativePrompt: "" });
    expect(empty.negative?.hidden.some((value) => value !== 0)).toBe(true);
  });
});

describe("skipping layers of the text encoder", () => {
  it("names the hidden states that the graph lacks", async () => {
    const model = await openDiffusionModel(new NodePackFiles(...packFolders("script")));
    const options = { prompt: "a cat", isGuided: false, longPrompts: "truncate", clipSkip: 1 } as const;
    await expect(model.encodePrompt(options)).rejects.toMatchObject({
      code: "unsupported-model",
      message: expect.stringContaining("normed_hidden_states"),
    });
    await model.release();
  });
});
