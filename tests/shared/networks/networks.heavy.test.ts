import { describe, expect, test } from "vitest";
import { cpuProfile, type GraphProfile, plainProfile } from "../../../shared/networks/graph/graph-profile.ts";
import { valueShapes } from "../../../shared/networks/graph/value-shapes.ts";
import { largestDifference } from "../../support/largest-difference.ts";
import { runGraph } from "../../support/run-graph.ts";
import {
  buildCase,
  inputsOf,
  type NetworkCase,
  networkCase,
  networkCases,
  valuesOf,
  weightsOf,
} from "./network-cases.ts";

/** Single precision, summed in another order; measured are 9e-7 at most, for values around 1. */
const TOLERANCE = 1e-5;
/** Eleven bits, through a few dozen layers; measured are 8e-4 at most. */
const HALF_TOLERANCE = 5e-3;

async function expectPytorchsAnswers(it: NetworkCase, profile: GraphProfile, tolerance: number, options = {}) {
  const graph = buildCase(it, weightsOf(it), { profile, ...options });
  const answers = await runGraph(graph, inputsOf(it));
  for (const [name, expected] of Object.entries(it.outputs)) {
    const answer = answers.get(name);
    expect(answer?.dims, name).toEqual(expected.dims);
    const { data } = valuesOf(expected);
    expect(largestDifference(answer!.data, data as Float32Array), name).toBeLessThan(tolerance); // its dims were just read
  }
}

describe("networks built from config and weights answer what PyTorch's do", () => {
  test.each(networkCases)("$name, with fused operators", async (it) => {
    await expectPytorchsAnswers(it, cpuProfile, TOLERANCE);
  });

  test.each(networkCases)("$name, with ONNX's own operators alone", async (it) => {
    await expectPytorchsAnswers(it, plainProfile, TOLERANCE);
  });

  test.each(["sd1", "sd1 with residuals", "control-net", "sdxl", "vae encoder", "taesd encoder"])(
    "%s, built for one size",
    async (name) => {
      const it = networkCase(name);
      const [batch, , height, width] = it.inputs.sample!.dims as [number, number, number, number]; // all of these have a sample
      await expectPytorchsAnswers(it, cpuProfile, TOLERANCE, { batch, size: { width, height } });
    },
  );

  test.each(["sd1", "vae encoder", "clip-projection", "sdxl"])("%s, roughly, in half precision", async (name) => {
    const profile: GraphProfile = { ...cpuProfile, compute: "float16", norms: "float32" };
    await expectPytorchsAnswers(networkCase(name), profile, HALF_TOLERANCE);
  });
});

test("a text encoder built with fewer layers answers the norm of the last one built", async () => {
  const it = networkCase("clip-projection");
  const graph = buildCase(it, weightsOf(it), { layers: 2 });
  const answers = await runGraph(graph, inputsOf(it));
  const { data } = valuesOf(it.outputs["normed_hidden_states.2"]!); // the generator stores it
  expect(largestDifference(answers.get("last_hidden_state")!.data, data as Float32Array)).toBeLessThan(TOLERANCE); // checked by name
});

test("a text encoder takes int32 ids and fewer tokens", async () => {
  const it = networkCase("clip-projection");
  const tokens = 12;
  const ids = valuesOf(it.inputs.input_ids!); // every text encoder has it
  const short = Int32Array.from({ length: tokens }, (_, i) => Number(ids.data[i]));
  const graph = buildCase(it, weightsOf(it), { ids: "int32", tokens });
  const answers = await runGraph(graph, { input_ids: { dims: [1, tokens], data: short } });
  const expected = valuesOf(it.outputs.text_embeds!); // of the first row, whose end token is the tenth
  const [, width] = expected.dims as [number, number];
  const first = (expected.data as Float32Array).subarray(0, width);
  expect(largestDifference(answers.get("text_embeds")!.data, first)).toBeLessThan(TOLERANCE); // checked by name
});

test.each(["sd1", "sdxl", "control-net", "vae encoder", "vae decoder", "clip-projection"])(
  "every size that is told of a value of %s is the one it has, and a name stands for one size",
  async (name) => {
    const it = networkCase(name);
    const graph = buildCase(it, weightsOf(it), {});
    const told = valueShapes(graph).filter(({ type }) => type === "float32");
    const answers = await runGraph({ ...graph, outputs: [...graph.outputs, ...told] }, inputsOf(it));
    const sizes = new Map<string, Set<number>>();
    for (const { name, shape } of told)
      for (const [axis, size] of shape.entries()) {
        const found = answers.get(name)?.dims[axis] ?? Number.NaN;
        sizes.set(String(size), (sizes.get(String(size)) ?? new Set()).add(found));
      }
    expect(told.length).toBeGreaterThan(20);
    expect([...sizes].filter(([, found]) => found.size > 1 || found.has(Number.NaN))).toEqual([]);
    expect([...sizes].filter(([size, found]) => /^\d+$/.test(size) && !found.has(Number(size)))).toEqual([]);
  },
);
