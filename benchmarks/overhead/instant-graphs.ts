import type { ModelSession, Tensor, TensorType } from "../../shared/diffusion/model-session.ts";
import type { PackFiles } from "../../shared/diffusion/pack-files.ts";

/** Side of the picture whose answers the graphs give, in pixels. */
export const SIDE = 512;
const LATENT_SIDE = SIDE / 8;
const TEXT_WIDTH = 768;

type Precision = "float32" | "float16";
type Input = readonly [name: string, type: TensorType, shape: readonly (number | string)[]];

/**
 * An inpainting pack with Stable Diffusion 1.5's sizes at 512 px, whose graphs answer at once, so that only the rest takes
 * time.
 *
 * @param configs where the pack's other files are read
 */
export function instantPackFiles(configs: Pick<PackFiles, "readText">, precision: Precision): PackFiles {
  const graphs = instantGraphs(precision);
  return {
    readText: (path) => configs.readText(path),
    openSession: async (path) => {
      const graph = graphs[path];
      if (graph === undefined) throw new Error(`There is no ${path} among the graphs.`);
      return graph;
    },
  };
}

function instantGraphs(type: Precision): Readonly<Record<string, ModelSession>> {
  const graph = (
    inputs: readonly Input[],
    output: string,
    dims: (feeds: Readonly<Record<string, Tensor>>) => readonly number[],
  ): ModelSession => ({
    inputs: inputs.map(([name, kind, shape]) => ({ name, type: kind, shape })),
    outputs: [{ name: output, type, shape: [] }],
    run: async (feeds) => ({ [output]: constant(type, dims(feeds)) }),
    release: async () => {},
  });
  return {
    "text_encoder/model.onnx": graph([["input_ids", "int32", ["b", "s"]]], "last_hidden_state", () => [
      1,
      77,
      TEXT_WIDTH,
    ]),
    "unet/model.onnx": graph(
      [
        ["sample", type, ["b", 9, "h", "w"]],
        ["timestep", type, ["b"]],
        ["encoder_hidden_states", type, ["b", "s", TEXT_WIDTH]],
      ],
      "out_sample",
      ({ sample }) => [sample?.dims[0] ?? 1, 4, LATENT_SIDE, LATENT_SIDE],
    ),
    "vae_encoder/model.onnx": graph([["sample", type, ["b", 3, "h", "w"]]], "latent_parameters", () => [
      1,
      8,
      LATENT_SIDE,
      LATENT_SIDE,
    ]),
    "vae_decoder/model.onnx": graph([["latent_sample", type, ["b", 4, "h", "w"]]], "sample", () => [1, 3, SIDE, SIDE]),
  };
}

function constant(type: Precision, dims: readonly number[]): Tensor {
  const length = dims.reduce((product, size) => product * size, 1);
  // 0.125 in either precision.
  const data = type === "float16" ? new Uint16Array(length).fill(0x3000) : new Float32Array(length).fill(0.125);
  return { type, dims, data };
}
