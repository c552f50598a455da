import { z } from "zod";
import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import { ModelPack } from "../../model-pack.ts";
import { fixedDimension, requireSingleInput } from "../../pack/graph-declaration.ts";
import { PackConfigs } from "../../pack/pack-configs.ts";
import type { NetworkSettings, Recommendation } from "../../pack/recommendation.ts";
import type { GraphDeclaration } from "../../pack-files.ts";
import type { PictureTensor } from "../../picture-tensor.ts";
import { toFloats, toGraphInput } from "../../tensors/graph-values.ts";
import { requireFinite } from "../../tensors/require-finite.ts";
import type { ModelFamily } from "../model-family.ts";
import { fixedSizeOf, isPlanes, type NetworkKind, networkFacts } from "../networks/network-kind.ts";
import type { SuperResolutionModel } from "../super-resolution-model.ts";

/** network/config.json. */
const networkSchema = z.looseObject({
  /** How many times larger the network makes a picture. */
  upscale_factor: z.int().min(2).max(16),
  /** Pixels on each side that a pixel of the result depends on. */
  receptive_radius: z.int().nonnegative(),
});
type NetworkConfig = z.output<typeof networkSchema>;

/**
 * Bytes a pixel of a tile takes where the pack does not say: the largest published networks (RRDB, 64 channels, ×4) hold
 * 192 channels of it five times over, then 64 channels of 16 pixels twice.
 */
const NETWORK_COST = { perCell: 12_288, perCellPair: 0 };
/** Side of a tile where the pack recommends none, in pixels. */
const DEFAULT_TILE = 256;

/** Packs that are one super-resolution network, [batch, 3, height, width] from 0 to 1 in and out. */
export const superResolution: ModelFamily = {
  name: "super-resolution",
  pipelines: ["SuperResolutionPipeline"],
  async open(files, _index, options): Promise<SuperResolutionModel> {
    const configs = await PackConfigs.open(files);
    const config = await configs.readRequired("network/config.json", networkSchema);
    const contents = { graphs: { network: configs.graphIn("network") }, borrowed: configs.borrowed };
    return await ModelPack.opened(files, options, contents, (pack) => openIn(pack, config, configs.recommended));
  },
};

/** How many times larger a published network makes a picture, as its file name says it: realesr-general-x4v3.onnx, 2x_line.onnx. */
const FACTOR_IN_NAME = /(?:^|[^0-9a-z])(?:x([2-8])|([2-8])x)(?![0-9])/i;
/** Pixels on each side that the result is taken to depend on where a bare graph's pack does not say. */
const USUAL_RADIUS = 16;

/** Super-resolution networks without configs. */
export const bareSuperResolution: NetworkKind<SuperResolutionModel> = {
  kind: "super-resolution",
  signature: "a picture of floats [batch, 3, height, width] to a larger one",
  recognise: ([graph, ...others]) => {
    const [input, ...furtherInputs] = graph?.inputs ?? [];
    const [output, ...furtherOutputs] = graph?.outputs ?? [];
    if (!graph || !input || !output || others.length + furtherInputs.length + furtherOutputs.length > 0)
      return undefined;
    return isPlanes(input, 3) && isPlanes(output, 3) && input.type !== "uint8" ? { network: graph.path } : undefined;
  },
  async open(pack, recommended) {
    const config = bareConfig(await pack.declaration("network"), pack.graphs.network ?? "", recommended.network ?? {});
    return await openIn(pack, config, recommended);
  },
};

function bareConfig(graph: GraphDeclaration, path: string, settings: NetworkSettings): NetworkConfig {
  const [from, to] = [graph.inputs[0], graph.outputs[0]].map((value) => value && fixedDimension(value, 3));
  const [, before, after] = FACTOR_IN_NAME.exec(path) ?? [];
  const named = before ?? after;
  const told = settings.upscaleFactor ?? (from !== undefined && to !== undefined ? to / from : undefined);
  const factor = told ?? (named === undefined ? undefined : Number(named));
  if (factor !== undefined && Number.isInteger(factor) && factor > 1)
    return { upscale_factor: factor, receptive_radius: settings.receptiveRadius ?? USUAL_RADIUS };
  throw new OverpaintError(
    "unsupported-model",
    `Nothing tells how many times larger ${path} makes a picture.`,
    'Say it in the pack\'s overpaint.json: {"network": {"upscaleFactor": 4}}.',
  );
}

async function openIn(
  pack: ModelPack,
  config: NetworkConfig,
  recommended: Recommendation,
): Promise<SuperResolutionModel> {
  return {
    type: "super-resolution",
    facts: factsOf(await pack.declaration("network"), config, recommended),
    graphs: Object.values(pack.graphs),
    load: async () => void (await pack.session("network")),
    enlarge: (picture) => enlarge(pack, config.upscale_factor, picture),
    release: () => pack.release(),
  };
}

async function enlarge(
  pack: ModelPack,
  factor: number,
  { width, height, data }: PictureTensor,
): Promise<PictureTensor> {
  const session = await pack.session("network");
  const input = requireSingleInput(session, "network");
  const pixels = data.map((value) => (value + 1) / 2);
  const [output] = Object.values(
    await session.run({ [input.name]: toGraphInput(input, [1, 3, height, width], pixels) }),
  );
  const large = { width: width * factor, height: height * factor };
  if (output?.data.length !== 3 * large.width * large.height)
    throw new OverpaintError(
      "unsupported-model",
      `The model's network answered [${output?.dims.join(", ")}] for a picture of ${width}×${height}.`,
      `Correct upscale_factor (${factor}) in its network/config.json.`,
    );
  const values = toFloats(output);
  requireFinite(values, { component: "network" }, [pixels]);
  return { ...large, data: values.map((value) => value * 2 - 1) };
}

/** Throws OverpaintError `unsupported-model` unless the graph takes pictures, [batch, 3, height, width]. */
function factsOf(graph: GraphDeclaration, config: NetworkConfig, recommended: Recommendation): ModelFacts {
  const image = requireSingleInput(graph, "network");
  const channels = fixedDimension(image, 1);
  if (image.shape.length !== 4 || (channels ?? 3) !== 3)
    throw new OverpaintError(
      "unsupported-model",
      `The model's network takes [${image.shape.join(", ")}], not pictures of [batch, 3, height, width].`,
      "Export the model again with channels first, red, green and blue.",
    );
  return {
    ...networkFacts,
    kind: "super-resolution",
    family: superResolution.name,
    tasks: ["upscale"],
    nativeSize: recommended.nativeSize ?? DEFAULT_TILE,
    enlarging: { method: "network", factor: config.upscale_factor, receptiveRadius: config.receptive_radius },
    fixedSize: fixedSizeOf(image),
    memory: {
      denoiser: recommended.memory?.denoiser ?? NETWORK_COST,
      autoencoder: { perCell: 0, perCellPair: 0 },
      fixedRows: fixedDimension(image, 0),
    },
  };
}
