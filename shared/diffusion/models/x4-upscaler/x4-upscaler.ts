import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import { ModelPack } from "../../model-pack.ts";
import { listsComponent, type ModelIndex } from "../../pack/model-index.ts";
import { PackConfigs } from "../../pack/pack-configs.ts";
import { alphasCumprod, forwardProcess } from "../../schedulers/common/noise-schedule.ts";
import { ddpmConfigSchema } from "../../schedulers/ddpm-scheduler.ts";
import { AutoencoderKl } from "../../vae/autoencoder-kl.ts";
import type { LowResolutionNoise } from "../diffusion-model.ts";
import type { ModelFamily } from "../model-family.ts";
import { readUnetConfigs } from "../unet/unet-configs.ts";
import { unetFacts } from "../unet/unet-facts.ts";
import { inspectUnet, unknownDenoiser } from "../unet/unet-graph.ts";
import { UnetModel } from "../unet/unet-model.ts";

const defaults = { scalingFactor: 0.08333, vaeLevels: 3, vaeSampleSize: 256, unetLevels: 4, sampleSize: 128 };
const usualRun = { steps: 75, guidanceScale: 9, plainGuidance: { inpaint: 9, others: 9 }, plainSteps: 75 };
/** `max_noise_level` of diffusers' upscale pipeline where model_index.json does not say. */
const DEFAULT_MAX_NOISE_LEVEL = 350;
/** Red, green and blue of the small picture, beside the latents. */
const PICTURE_CHANNELS = 3;

/**
 * Stable Diffusion's x4 upscaler and its like: shown the small picture with noise on it, they draw latents of its size,
 * which are decoded to the large one.
 */
export const x4Upscaler: ModelFamily = {
  name: "stable-diffusion-x4-upscaler",
  pipelines: ["StableDiffusionUpscalePipeline"],
  async open(files, index, options) {
    const packConfigs = await PackConfigs.open(files);
    const decoder = await decoderFolder(packConfigs, index);
    const configs = await readUnetConfigs(packConfigs, index, { decoder }, defaults);
    const lowResolution = await readLowResolutionNoise(packConfigs);
    const { graphs, autoencoder } = configs;
    return await ModelPack.opened(files, options, { graphs, borrowed: packConfigs.borrowed }, async (pack) => {
      const graph = inspectUnet(await pack.declaration("unet"), configs);
      const channels = autoencoder.latentChannels + PICTURE_CHANNELS;
      if (graph.inputChannels !== channels) throw unknownDenoiser(graph.inputChannels, true, `${channels} (upscalers)`);
      const latents = new AutoencoderKl(pack, autoencoder);
      const facts: ModelFacts = {
        family: x4Upscaler.name,
        tasks: ["upscale"],
        seesMask: false,
        enlarging: {
          method: "diffusion",
          factor: latents.cell,
          maxNoiseLevel: index.max_noise_level ?? DEFAULT_MAX_NOISE_LEVEL,
        },
        // Latents have the size of the picture they are fed.
        ...unetFacts(configs, graph, packConfigs.recommended, 1, usualRun),
      };
      return new UnetModel({
        pack,
        configs,
        graph,
        facts,
        latents,
        prompts: { layer: (skipped) => ({ skipped, isNormed: true }), zeroesMissingNegative: false },
        schedules: { overrides: () => ({}), choosesByStrength: () => false },
        conditionsOf: (run) => ({
          extraChannels: run.lowResolution?.pixels,
          noiseLevel: run.lowResolution?.noiseLevel,
        }),
        lowResolution,
      });
    });
  },
};

/**
 * The decoder is all there is of the autoencoder: in `vae`, as diffusers' exporter calls it, or in `vae_decoder`, as Optimum
 * does, which indexes it as `vae` all the same.
 */
async function decoderFolder(configs: PackConfigs, index: ModelIndex): Promise<string> {
  if (listsComponent(index, "vae_decoder") || !listsComponent(index, "vae")) return "vae_decoder";
  const isDivided = !(await configs.has("vae/config.json")) && (await configs.has("vae_decoder/config.json"));
  return isDivided ? "vae_decoder" : "vae";
}

async function readLowResolutionNoise(configs: PackConfigs): Promise<LowResolutionNoise> {
  const scheduler = await configs.readRequired("low_res_scheduler/scheduler_config.json", ddpmConfigSchema);
  const alphaProducts = alphasCumprod(scheduler);
  return {
    add: (pixels, noise, level) => forwardProcess(pixels, noise, alphaProducts[level]!), // a training timestep
  };
}
