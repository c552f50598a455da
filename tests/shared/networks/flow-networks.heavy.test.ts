import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildComponent } from "../../../shared/diffusion/checkpoint/checkpoint-graphs.ts";
import type { ModelSession } from "../../../shared/diffusion/model-session.ts";
import { createFlux2Network } from "../../../shared/diffusion/models/flux2-klein/flux2-network.ts";
import { createZImageNetwork } from "../../../shared/diffusion/models/z-image/z-image-network.ts";
import { chatInputs } from "../../../shared/diffusion/text/chat-encoder.ts";
import { cpuProfile, type GraphProfile, plainProfile } from "../../../shared/networks/graph/graph-profile.ts";
import { parseQwen3Config } from "../../../shared/networks/qwen3.ts";
import { parseFlux2TransformerConfig } from "../../../shared/networks/transformer-flux2.ts";
import { parseZImageTransformerConfig } from "../../../shared/networks/transformer-z-image.ts";
import { TensorTable } from "../../../shared/weights/tensor-table.ts";
import {
  type DescribedFloats,
  type FlowFamily,
  type FlowNetwork,
  flowFamilies,
  flowFixture,
  flowFolder,
} from "../../support/flow-models.ts";
import { largestDifference } from "../../support/largest-difference.ts";
import { readSafetensors } from "../../support/read-safetensors.ts";
import { type GraphTensor, runGraph } from "../../support/run-graph.ts";

/** Single precision, summed in another order, for values around 1. */
const TOLERANCE = 1e-5;
/** Eleven bits, through a few dozen layers. */
const HALF_TOLERANCE = 2e-2;
const halfProfile: GraphProfile = { ...cpuProfile, compute: "float16", norms: "float32" };

const cases = flowFamilies.flatMap((family) =>
  flowFixture.content[family].networks
    .filter(({ name }) => name !== "transformer")
    .map((network) => ({ family, network, title: `${network.name} of ${family}` })),
);

function floats({ dims, values }: DescribedFloats): GraphTensor & { readonly data: Float32Array } {
  return { dims, data: flowFixture.floats(values) };
}

function component(family: FlowFamily, name: FlowNetwork["name"]) {
  const folder = join(
    flowFolder(family),
    name.replace(/_(en|de)coder/, (part) => (name.startsWith("vae") ? "" : part)),
  );
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => file.endsWith(".safetensors"));
  const tensors = new Map(files.flatMap((file) => [...readSafetensors(join(folder, file))]));
  return {
    className: config._class_name ?? config.architectures[0],
    config,
    weights: new TensorTable(tensors, new Map()),
  };
}

async function expectPytorchsAnswer(
  family: FlowFamily,
  network: FlowNetwork,
  profile: GraphProfile,
  tolerance: number,
) {
  const { name } = network;
  const built = component(family, name);
  const half = name === "vae_encoder" ? "encoder" : name === "vae_decoder" ? "decoder" : undefined;
  const graph = buildComponent(built, half, {
    profile,
    pipeline: family === "klein" ? "Flux2KleinPipeline" : "ZImagePipeline",
  });
  const inputs =
    name === "text_encoder"
      ? promptInputs(family, built.config)
      : Object.fromEntries(Object.entries(network.inputs).map(([input, value]) => [input, floats(value)]));
  const answers = await runGraph(graph, inputs);
  for (const [output, expected] of Object.entries(network.outputs)) {
    expect(answers.get(output)?.dims).toEqual(expected.dims);
    expect(largestDifference(answers.get(output)!.data, floats(expected).data)).toBeLessThan(tolerance); // its dims were just read
  }
}

/** The prompt of all runs: filled up for klein, as long as it is for Z-Image. */
function promptInputs(family: FlowFamily, config: Readonly<Record<string, unknown>>) {
  const tokens = flowFixture.content.tokenizer.find(({ isThinking }) => isThinking === (family === "z-image"))!; // the first is the prompt
  const filling = family === "klein" ? new Array<number>(512 - tokens.ids.length).fill(tokens.pad!) : []; // it is shorter
  const ids = { ids: [...tokens.ids, ...filling], count: tokens.ids.length };
  return chatInputs(ids, parseQwen3Config(config)) as Readonly<Record<string, GraphTensor>>; // no half precision among them
}

/** The velocity that a family's network answers, its tokens laid out from latents and back. */
async function velocityOf(family: FlowFamily, profile: GraphProfile) {
  const { inputs, outputs } = flowFixture.content[family].networks.find(({ name }) => name === "transformer")!; // there is one
  const built = component(family, "transformer");
  const graph = buildComponent(built, undefined, { profile, pipeline: "" });
  const session: ModelSession = {
    inputs: [],
    outputs: [],
    run: async (feeds) => {
      const answers = await runGraph(graph, feeds as Readonly<Record<string, GraphTensor>>); // no half precision among them
      return { sample: { type: "float32", ...answers.get("sample")! } };
    },
    release: async () => {},
  };
  const words = floats(inputs.encoder_hidden_states!); // every transformer reads a prompt
  const [, tokens = 0, width = 0] = words.dims;
  const prompt = { hidden: words.data, tokens, width, pooled: undefined };
  const share = floats(inputs.timestep!).data[0]!; // of noise, or of picture
  const expected = floats(outputs.sample!);
  if (family === "klein") {
    const network = createFlux2Network(session, parseFlux2TransformerConfig(built.config), {
      batch: 1,
      width: 4,
      height: 3,
    });
    const latents = transposed(floats(inputs.hidden_states!).data, 12);
    return { velocity: await network.velocity(latents, share, prompt, 0), expected: transposed(expected.data, 12) };
  }
  const { data, dims } = floats(inputs.latents!);
  const [, , height = 0, columns = 0] = dims;
  const network = createZImageNetwork(session, parseZImageTransformerConfig(built.config), { width: columns, height });
  const velocity = await network.velocity(data, 1 - share, prompt, 0);
  return { velocity, expected: expected.data.map((value) => -value) };
}

/** [cells, channels] to [channels, cells]. */
function transposed(tokens: Float32Array, cells: number): Float32Array {
  const channels = tokens.length / cells;
  return tokens.map((_, i) => tokens[(i % cells) * channels + Math.floor(i / cells)]!);
}

describe("networks of FLUX.2 and Z-Image answer what PyTorch's do", () => {
  test.each(cases)("$title, with fused operators", async ({ family, network }) => {
    await expectPytorchsAnswer(family, network, cpuProfile, TOLERANCE);
  });

  test.each(cases)("$title, with ONNX's own operators alone", async ({ family, network }) => {
    await expectPytorchsAnswer(family, network, plainProfile, TOLERANCE);
  });

  test.each(
    flowFamilies.flatMap((family) => [
      { family, profile: cpuProfile, words: "with fused operators", tolerance: TOLERANCE },
      { family, profile: plainProfile, words: "with ONNX's own operators alone", tolerance: TOLERANCE },
      { family, profile: halfProfile, words: "roughly, in half precision", tolerance: HALF_TOLERANCE },
    ]),
  )("transformer of $family, $words", async ({ family, profile, tolerance }) => {
    const { velocity, expected } = await velocityOf(family, profile);
    expect(largestDifference(velocity, expected)).toBeLessThan(tolerance);
  });

  test.each(cases.filter(({ network }) => network.name === "text_encoder"))(
    "$title, roughly, in half precision",
    async ({ family, network }) => {
      await expectPytorchsAnswer(family, network, halfProfile, HALF_TOLERANCE);
    },
  );
});
