import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ModelPack } from "../model-pack.ts";
import { requireSingleInput } from "../pack/graph-facts.ts";
import type { PictureTensor } from "../picture-tensor.ts";
import { toFloats, toGraphInput } from "../tensors/graph-values.ts";
import { requireFinite } from "../tensors/require-finite.ts";

/**
 * Enlarges a picture by one evaluation of a super-resolution network. The network sees zeros beyond the picture's borders;
 * results within its `receptiveRadius` of them differ from those inside a larger picture.
 */
export async function superResolve(pack: ModelPack, image: PictureTensor): Promise<PictureTensor> {
  const factor = requireNetwork(pack);
  const session = await pack.session("network");
  const input = requireSingleInput(session, "network");
  const { width, height } = image;
  const pixels = image.data.map((value) => (value + 1) / 2);
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
  requireFinite(values, "network", [pixels]);
  return { ...large, data: values.map((value) => value * 2 - 1) };
}

function requireNetwork(pack: ModelPack): number {
  if (pack.description.network) return pack.description.network.upscale_factor;
  throw new OverpaintError(
    "unsupported-model",
    "The model is no super-resolution network.",
    "Choose a model whose model_index.json names a SuperResolutionPipeline.",
  );
}
