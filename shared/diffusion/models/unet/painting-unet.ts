import { type EditTask, paintingTasks } from "../../../protocol/edit-task.ts";
import type { PixelSize } from "../../../protocol/geometry.ts";
import type { TimeIds } from "../../denoiser/constant-inputs.ts";
import { ModelPack, type ModelPackOptions } from "../../model-pack.ts";
import { listsComponent, type ModelIndex } from "../../pack/model-index.ts";
import { PackConfigs } from "../../pack/pack-configs.ts";
import type { PackFiles } from "../../pack-files.ts";
import type { PromptRules } from "../../text/encode-prompts.ts";
import { AutoencoderKl } from "../../vae/autoencoder-kl.ts";
import type { DenoiserOptions, DiffusionModel, LatentSpace, MaskedPicture } from "../diffusion-model.ts";
import { type AutoencoderFolders, readUnetConfigs, type UnetConfigs, type UnetDefaults } from "./unet-configs.ts";
import { type UsualRuns, unetFacts } from "./unet-facts.ts";
import { inspectUnet, type UnetGraph, unknownDenoiser } from "./unet-graph.ts";
import { type ScheduleRules, type UnetConditions, UnetModel } from "./unet-model.ts";

/** What a family of models that draw and repaint pictures says of itself. */
export interface PaintingFamily {
  readonly name: string;
  readonly defaults: UnetDefaults;
  /** How models of the family are run that were not distilled for few steps. */
  readonly usualRun: UsualRuns;
  readonly prompts: (index: ModelIndex) => Omit<PromptRules, "fixedTokens">;
  readonly schedules: (index: ModelIndex) => ScheduleRules;
  /** What the denoiser is told of the place of a picture's pixels in what it was cut from; absent where it is told nothing. */
  readonly timeIds?: (index: ModelIndex, picture: PixelSize) => TimeIds;
}

/** Opens a model whose U-Net takes latents alone, or latents, mask and masked picture. */
export async function openPaintingModel(
  family: PaintingFamily,
  files: PackFiles,
  index: ModelIndex,
  options: ModelPackOptions,
): Promise<DiffusionModel> {
  const packConfigs = await PackConfigs.open(files);
  const configs = await readUnetConfigs(packConfigs, index, autoencoderFolders(index), family.defaults);
  const { graphs, autoencoder } = configs;
  const contents = { graphs, borrowed: packConfigs.borrowed };
  return await ModelPack.opened(files, options, contents, async (pack) => {
    const graph = inspectUnet(await pack.declaration("unet"), configs);
    const traits = paintingTraits(graph, configs);
    const latents = new AutoencoderKl(pack, autoencoder);
    const common = unetFacts(configs, graph, packConfigs.recommended, latents.cell, family.usualRun);
    return new UnetModel({
      pack,
      configs,
      graph,
      facts: { family: family.name, ...traits, ...common },
      latents,
      prompts: family.prompts(index),
      schedules: family.schedules(index),
      conditionsOf: async (run): Promise<UnetConditions> => ({
        extraChannels: traits.seesMask ? await maskChannels(latents, run) : undefined,
        timeIds: family.timeIds?.(index, { width: run.width * latents.cell, height: run.height * latents.cell }),
      }),
    });
  });
}

/** Some exporters index both halves of the autoencoder as one "vae". */
function autoencoderFolders(index: ModelIndex): AutoencoderFolders {
  const isJoined = listsComponent(index, "vae") && !listsComponent(index, "vae_decoder");
  const hasEncoder = isJoined || listsComponent(index, "vae_encoder");
  return { encoder: hasEncoder ? "vae_encoder" : undefined, decoder: "vae_decoder" };
}

/** With everything masked, an inpainting denoiser draws from a prompt alone. */
function paintingTraits({ inputChannels }: UnetGraph, { graphs, autoencoder }: UnetConfigs) {
  const channels = autoencoder.latentChannels;
  const hasEncoder = graphs.vae_encoder !== undefined;
  const seesMask = inputChannels === 2 * channels + 1 && hasEncoder;
  if (!seesMask && inputChannels !== channels)
    throw unknownDenoiser(
      inputChannels,
      hasEncoder,
      `${channels} (text to image) and ${2 * channels + 1} with a vae_encoder (inpainting)`,
    );
  const tasks: readonly EditTask[] = hasEncoder ? paintingTasks : ["create"];
  return { tasks, seesMask, enlarging: hasEncoder ? ({ method: "refine" } as const) : undefined };
}

/** [batch, 1 + channels, height, width]: the same mask before each image's own masked picture. */
async function maskChannels(latents: LatentSpace, options: DenoiserOptions): Promise<Float32Array> {
  const { mask, latents: pictures } = options.masked ?? (await everythingMasked(latents, options));
  const { batch } = options;
  const pictureSize = pictures.length / batch;
  const size = mask.length + pictureSize;
  const channels = new Float32Array(batch * size);
  for (let image = 0; image < batch; image++) {
    channels.set(mask, image * size);
    channels.set(pictures.subarray(image * pictureSize, (image + 1) * pictureSize), image * size + mask.length);
  }
  return channels;
}

/** A mask of ones, and the masked picture, of which nothing but grey is left. */
async function everythingMasked(
  latents: LatentSpace,
  { width, height, batch, isVaeTiled = false, signal }: DenoiserOptions,
): Promise<MaskedPicture> {
  const size = { width: width * latents.cell, height: height * latents.cell };
  const grey = { ...size, data: new Float32Array(3 * size.width * size.height) };
  const encoded = latents.mean(await latents.encode([grey], { isTiled: isVaeTiled, signal }));
  const pictures = new Float32Array(batch * encoded.length);
  for (let image = 0; image < batch; image++) pictures.set(encoded, image * encoded.length);
  return { mask: new Float32Array(width * height).fill(1), latents: pictures };
}
