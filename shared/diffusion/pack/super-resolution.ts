import { z } from "zod";
import type { ModelFacts } from "../../protocol/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { GraphDeclaration } from "../pack-files.ts";
import { fixedDimension, type GraphFacts, requireSingleInput } from "./graph-facts.ts";
import type { PackDescription } from "./pack-description.ts";

/** network/config.json of a super-resolution pack. */
export const networkSchema = z.looseObject({
  /** How many times larger the network makes a picture. */
  upscale_factor: z.int().min(2).max(16),
  /** Pixels on each side that a pixel of the result depends on. */
  receptive_radius: z.int().nonnegative(),
});
export type NetworkDescription = z.output<typeof networkSchema>;

/**
 * Bytes a pixel of a tile takes where the pack does not say: the largest published networks (RRDB, 64 channels, ×4) hold
 * 192 channels of it five times over, then 64 channels of 16 pixels twice.
 */
const NETWORK_COST = { perCell: 12_288, perCellPair: 0 };
/** Side of a tile where the pack recommends none, in pixels. */
const DEFAULT_TILE = 256;

/**
 * Describes a pack that is one network, in the terms of the diffusion packs: its latents are the pixels themselves, of
 * which it predicts a sample in one step.
 */
export function describeNetwork(
  network: NetworkDescription,
  recommended: PackDescription["recommended"],
): PackDescription {
  return {
    family: "super-resolution",
    graphs: { network: "network/model.onnx" },
    borrowed: undefined,
    network,
    scheduler: {},
    vae: { scalingFactor: 1, shiftFactor: 0, latentChannels: 3, latentScale: 1, sampleSize: DEFAULT_TILE },
    denoiser: { inputChannels: 3, sampleSize: undefined, latentMultiple: 1 },
    memory: { denoiser: recommended.memory?.denoiser ?? NETWORK_COST, autoencoder: { perCell: 0, perCellPair: 0 } },
    textLayers: {},
    lowResolution: undefined,
    isLatentConsistency: false,
    recommended,
    zeroesEmptyPrompt: false,
  };
}

/** Checks that the graph takes pictures, [batch, 3, height, width]. Throws OverpaintError `unsupported-model`. */
export function inspectNetwork(graph: GraphDeclaration): GraphFacts {
  const image = requireSingleInput(graph, "network");
  const channels = fixedDimension(image, 1);
  if (image.shape.length !== 4 || (channels ?? 3) !== 3)
    throw new OverpaintError(
      "unsupported-model",
      `The model's network takes [${image.shape.join(", ")}], not pictures of [batch, 3, height, width].`,
      "Export the model again with channels first, red, green and blue.",
    );
  const height = fixedDimension(image, 2);
  const width = fixedDimension(image, 3);
  return {
    inputChannels: 3,
    fixedSize: height !== undefined && width !== undefined ? { width, height } : undefined,
    fixedRows: fixedDimension(image, 0),
    fixedTokens: undefined,
    isGuidanceDistilled: false,
  };
}

/** What planning needs to know about a super-resolution pack. */
export function networkFacts(
  { network, recommended, memory }: PackDescription,
  { fixedSize, fixedRows }: GraphFacts,
): ModelFacts {
  return {
    family: "super-resolution",
    tasks: ["upscale"],
    nativeSize: recommended.nativeSize ?? DEFAULT_TILE,
    sizeMultiple: 1,
    cell: 1,
    seesMask: false,
    isGuidable: false,
    canInvert: false,
    enlarging: network && {
      method: "network",
      factor: network.upscale_factor,
      receptiveRadius: network.receptive_radius,
    },
    fixedSize,
    memory: { ...memory, fixedRows },
    // One evaluation without a prompt: the scheduler is never asked.
    defaults: { scheduler: "ddim", steps: 1, guidanceScale: 1 },
  };
}
