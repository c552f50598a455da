import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linear } from "../../../../shared/networks/blocks/linear.ts";
import { GraphBuilder } from "../../../../shared/networks/graph/graph-builder.ts";
import { cpuProfile, inHalf } from "../../../../shared/networks/graph/graph-profile.ts";
import { planQuantisedFile, writeQuantisedFile } from "../../../../shared/weights/quantise/quantised-file.ts";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import { TensorTable } from "../../../../shared/weights/tensor-table.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { runGraph } from "../../../support/run-graph.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { MemoryFiles, safetensorsFile } from "../../../support/weight-files.ts";

const { content, floats } = readFixture<{
  readonly columns: number;
  readonly weights: FixtureRange;
  readonly cases: readonly { readonly bits: 4 | 8; readonly widened: FixtureRange }[];
}>("quantised/blocks");
const ROWS = 6;
const { columns } = content;
const values = floats(content.weights);
const bias = Float32Array.from({ length: ROWS }, (_, i) => i / 8);

const MODEL = "model.safetensors";
const model = safetensorsFile({
  "proj.weight": { dims: [ROWS, columns], values },
  "proj.bias": { dims: [ROWS], values: bias },
  "token_embedding.weight": { dims: [2, 40], values: new Float32Array(80) },
  "model.embed_tokens.weight": { dims: [2, 40], values: new Float32Array(80) },
  "lm_head.weight": { dims: [2, 40], values: new Float32Array(80) },
  "narrow.weight": { dims: [3, 15], values: new Float32Array(45) },
  "conv.weight": { dims: [2, 2, 3, 3], values: new Float32Array(36) },
});

async function planned(files: MemoryFiles, bits: 4 | 8) {
  const weights = new TensorTable((await readSafetensorsHeader(files, MODEL)).tensors);
  return { weights, plan: planQuantisedFile(weights, "quantised.safetensors", bits) };
}

async function written(files: MemoryFiles, bits: 4 | 8) {
  const { weights, plan } = await planned(files, bits);
  const bytes = new Uint8Array(plan.size);
  await writeQuantisedFile(plan, files, async (piece, offset) => bytes.set(piece, offset));
  return { weights, plan, bytes };
}

test("linear layers are quantised; embeddings, convolutions and what fills less than half a block are not", async () => {
  const { plan } = await planned(new MemoryFiles({ [MODEL]: model }), 8);
  expect([...plan.layers.keys()]).toEqual(["proj.weight"]);
});

test("what was planned lies where the file's own header says, and nothing behind it", async () => {
  const { plan, bytes } = await written(new MemoryFiles({ [MODEL]: model }), 4);
  const { tensors } = await readSafetensorsHeader(new MemoryFiles({ [plan.file]: bytes }), plan.file);
  const layer = plan.layers.get("proj.weight");
  expect(Object.fromEntries(tensors)).toEqual({
    "proj.weight.packed": layer?.packed,
    "proj.weight.scales": layer?.scales,
  });
  expect(layer?.packed.dims).toEqual([ROWS, 3, 16]);
});

test("weights that are no numbers are refused by name", async () => {
  const broken = safetensorsFile({ "proj.weight": { dims: [1, 16], values: new Float32Array(16).fill(Number.NaN) } });
  await expect(written(new MemoryFiles({ [MODEL]: broken }), 8)).rejects.toMatchObject({
    code: "damaged-model",
    message: expect.stringContaining('"proj.weight"'),
  });
});

describe("a layer over quantised weights", () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder.path, MODEL), model);
  });
  afterAll(() => folder.remove());

  /** Whole numbers with ±127 in every block: the runtime rounds these to 8 bits without loss. */
  const input = Float32Array.from({ length: 2 * columns }, (_, i) => (i % 16 === 0 ? 127 : ((i * 37) % 255) - 127));
  /** Sums of 80 products of up to 500, in single precision and in another order. */
  const EXACT = 2e-3;
  /** Half precision keeps eleven bits of sums of up to 2000, whose inputs and scales are rounded too. */
  const HALF = 8;

  test.each(
    content.cases.flatMap((it) => [
      { ...it, rows: undefined, compute: "float32" as const },
      { ...it, rows: { start: 2, count: 3 }, compute: "float32" as const },
      { ...it, rows: undefined, compute: "float16" as const },
    ]),
  )(
    "in $bits bits multiplies by the weights they stand for, rows $rows, in $compute",
    async ({ bits, widened, rows, compute }) => {
      const { weights, plan, bytes } = await written(new MemoryFiles({ [MODEL]: model }), bits);
      await writeFile(join(folder.path, plan.file), bytes);
      const profile = compute === "float16" ? inHalf(cpuProfile) : cpuProfile;
      const g = new GraphBuilder(weights, { profile, quantised: plan });
      const x = g.floatInput("x", [2, columns]);
      g.floatOutput("y", linear(g, x, "proj", { from: columns, to: ROWS }, rows), [2, rows?.count ?? ROWS]);
      const graph = g.build();
      const here = graph.initializers.map((each) =>
        each.kind === "inline"
          ? each
          : { ...each, tensor: { ...each.tensor, file: join(folder.path, each.tensor.file) } },
      );
      const answers = await runGraph({ ...graph, initializers: here }, { x: { dims: [2, columns], data: input } });

      const weightsTheyStandFor = floats(widened);
      const { start, count } = rows ?? { start: 0, count: ROWS };
      const expected = Float32Array.from({ length: 2 * count }, (_, i) => {
        const [row, out] = [Math.floor(i / count), start + (i % count)];
        let sum = bias[out]!; // out < ROWS
        for (let k = 0; k < columns; k++) sum += input[row * columns + k]! * weightsTheyStandFor[out * columns + k]!; // k < columns
        return sum;
      });
      const answer = answers.get("y");
      expect(answer?.dims).toEqual([2, count]);
      expect(largestDifference(answer!.data, expected)).toBeLessThan(compute === "float16" ? HALF : EXACT); // it was just read
    },
  );
});
