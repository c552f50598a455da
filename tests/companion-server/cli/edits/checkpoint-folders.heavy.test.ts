import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { expectParity, type RecordedRun, writeParityInputs } from "../../support/parity.ts";

const recorded = readFixture<{ readonly runs: readonly RecordedRun[] }>("pipelines/runs");
const refined = readFixture<{ readonly runs: readonly RecordedRun[] }>("checkpoints/refiner");
const halves = readFixture<{ readonly runs: readonly RecordedRun[] }>("checkpoints/runs");

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeParityInputs(folder.path);
});
afterAll(() => folder.remove());

/** Lays checkpoints over one another, as packs are. `emptied` parts of those below keep nothing but what comes on top. */
async function layOut(name: string, layers: readonly string[], emptied: readonly string[] = []): Promise<void> {
  const target = join(folder.path, name);
  for (const [index, layer] of layers.entries()) {
    if (index > 0) for (const part of emptied) await rm(join(target, part), { recursive: true, force: true });
    await cp(inRepository(`tests/fixtures/checkpoints/${layer}`), target, { recursive: true });
  }
}

/** What the command line can say of a run. */
const known = ["prompt", "negativePrompt", "steps", "guidanceScale", "strength", "scheduler", "noiseLevel"];
/** Of every kind of run, some: what differs between the others is the scheduler's business. */
const sampled = recorded.content.runs.filter(({ task, layers, options, batch }, index, all) => {
  const isPlain = batch === 1 && Object.keys(options).every((key) => known.includes(key));
  const alike = all.slice(0, index).filter((other) => other.task === task && `${other.layers}` === `${layers}`);
  return (
    task !== "differential-inpaint" &&
    isPlain &&
    ["base", "base,inpaint", "base,upscale", "base,xl"].includes(`${layers}`) &&
    alike.length < 2
  );
});

describe("a folder of diffusers draws what diffusers draws with it", () => {
  test.each(sampled.map((run) => [run.task, run.layers.join(" and "), run.options.negativePrompt, run] as const))(
    "%s with %s, negative %j",
    async (_task, _layers, _negative, run) => {
      const name = run.layers.join("-");
      await layOut(name, run.layers);
      await expectParity(run, ["--model", `./${name}`], folder.path, recorded.bytes(run.pixels));
    },
  );

  test.each(
    halves.content.runs
      .filter(({ layers: [layer] }) => layer === "fp16" || layer === "bf16")
      .map((run) => [run.layers[0]!, run] as const),
  )(
    // each has one layer
    "with weights stored as %s",
    async (layer, run) => {
      await layOut(layer, ["base", layer], ["unet", "vae", "text_encoder"]);
      await expectParity(run, ["--model", `./${layer}`], folder.path, halves.bytes(run.pixels));
    },
  );

  test("with one text encoder and an aesthetic score, as refiners have, and its tokenizer in tokenizer.json alone", async () => {
    const [run] = refined.content.runs;
    await layOut("refiner", run!.layers, ["tokenizer_2"]); // there is one
    await expectParity(run!, ["--model", "./refiner"], folder.path, refined.bytes(run!.pixels));
  });

  test("with weights in several shards", async () => {
    await layOut("sharded", ["base", "sharded"], ["unet"]);
    const [run] = sampled;
    await expectParity(run!, ["--model", "./sharded"], folder.path, recorded.bytes(run!.pixels)); // there are some
  });

  test("with some of its graphs as ONNX", async () => {
    await layOut("mixed", ["base"]);
    const target = join(folder.path, "mixed");
    await rm(join(target, "unet"), { recursive: true });
    await cp(inRepository("tests/fixtures/packs/base/unet"), join(target, "unet"), { recursive: true });
    const [run] = sampled;
    await expectParity(run!, ["--model", "./mixed"], folder.path, recorded.bytes(run!.pixels)); // there are some
  });
});

test("samples every task", () => {
  expect(new Set(sampled.map(({ task }) => task)).size).toBe(4);
});
