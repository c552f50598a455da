import { isResidual } from "../../../networks/unet-2d-condition.ts";
import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../../protocol/overpaint-error.ts";
import type { DenoiserConditions } from "../../denoiser/constant-inputs.ts";
import { ControlNets } from "../../denoiser/control-nets.ts";
import type { Denoiser } from "../../denoiser/denoiser.ts";
import { GuidedDenoiser } from "../../denoiser/guided-denoiser.ts";
import type { ModelPack } from "../../model-pack.ts";
import type { ModelSession } from "../../model-session.ts";
import { controlNetComponents, textEncoderComponents } from "../../pack/component.ts";
import { beginIndex } from "../../schedulers/begin-index.ts";
import { createScheduler } from "../../schedulers/create-scheduler.ts";
import { type SchedulerConfig, schedulerNameOf, withScheduler } from "../../schedulers/scheduler-name.ts";
import type { Conditioning, EncodePromptsOptions } from "../../text/conditioning.ts";
import { encodePrompts, type PromptRules } from "../../text/encode-prompts.ts";
import { ClipEncoder } from "../../text/text-encoder.ts";
import type {
  Blending,
  ControlPicture,
  DenoiserOptions,
  DiffusionModel,
  LatentSpace,
  LowResolutionNoise,
  Schedule,
  ScheduleOptions,
  SchedulePipeline,
} from "../diffusion-model.ts";
import { withPictures } from "./picture-prompts.ts";
import type { UnetConfigs } from "./unet-configs.ts";
import type { UnetGraph } from "./unet-graph.ts";

/** What diffusers' pipelines of a family do to the scheduler they are loaded with. */
export interface ScheduleRules {
  /** Options that a pipeline sets, whatever the pack says. */
  readonly overrides: (pipeline: SchedulePipeline) => SchedulerConfig;
  /** Whether a consistency model's pipeline chooses all its steps below the strength; others leave the first ones out. */
  readonly choosesByStrength: (pipeline: SchedulePipeline) => boolean;
}

/** What a U-Net is told of a run beside prompt and guidance. */
export interface UnetConditions extends Omit<DenoiserConditions, "guidanceScale"> {
  /** [batch, channels, height, width] appended to the latents at every step. */
  readonly extraChannels?: Float32Array | undefined;
}

/** What families of models with a U-Net, Stable Diffusion's autoencoder and CLIP text encoders are told apart by. */
export interface UnetModelParts {
  readonly pack: ModelPack;
  readonly configs: UnetConfigs;
  readonly graph: UnetGraph;
  readonly facts: ModelFacts;
  readonly latents: LatentSpace;
  readonly prompts: Omit<PromptRules, "fixedTokens">;
  readonly schedules: ScheduleRules;
  readonly conditionsOf: (options: DenoiserOptions) => Promise<UnetConditions> | UnetConditions;
  readonly lowResolution?: LowResolutionNoise | undefined;
}

export class UnetModel implements DiffusionModel {
  readonly type = "diffusion";
  readonly blending: Blending = { mask: "corner", showsSource: false };
  readonly facts: ModelFacts;
  readonly latents: LatentSpace;
  readonly lowResolution: LowResolutionNoise | undefined;
  readonly picturePromptSide: number | undefined;
  readonly #parts: UnetModelParts;
  readonly #encoders: readonly ClipEncoder[];

  constructor(parts: UnetModelParts) {
    this.#parts = parts;
    this.facts = parts.facts;
    this.latents = parts.latents;
    this.lowResolution = parts.lowResolution;
    this.picturePromptSide = parts.configs.picturePromptSide;
    this.#encoders = clipEncoders(parts);
  }

  get graphs(): readonly string[] {
    return Object.values(this.#parts.pack.graphs);
  }

  async load(): Promise<void> {
    const { pack } = this.#parts;
    if (!pack.isLean) await pack.session("unet");
    for (const encoder of this.#encoders) await encoder.tokenizer();
  }

  async encodePrompt(options: EncodePromptsOptions): Promise<Conditioning> {
    const { prompts, graph } = this.#parts;
    const conditioning = await encodePrompts(this.#encoders, { ...prompts, fixedTokens: graph.fixedTokens }, options);
    const { picturePrompt } = options;
    return picturePrompt ? await withPictures(conditioning, picturePrompt, this.#parts.pack) : conditioning;
  }

  createSchedule({ scheduler: name, steps, strength, eta, batch, pipeline }: ScheduleOptions): Schedule {
    const { schedules, configs } = this.#parts;
    const config = configs.scheduler;
    const chosen = runConfig(config, name ?? schedulerNameOf(config), schedules.overrides(pipeline));
    const choosesByStrength = schedulerNameOf(chosen) === "lcm" && schedules.choosesByStrength(pipeline);
    const distilledStrength = choosesByStrength ? strength : undefined;
    const scheduler = createScheduler(chosen, { steps, eta, batch, distilledStrength });
    const begin = strength === undefined || choosesByStrength ? 0 : beginIndex(scheduler, steps, strength);
    return { scheduler, begin, config };
  }

  async createDenoiser(options: DenoiserOptions): Promise<Denoiser> {
    const { pack, graph, conditionsOf } = this.#parts;
    const conditions = await conditionsOf(options);
    const unet = await pack.session("unet");
    const controlNets = await this.#controlNets(unet, options.controls ?? []);
    return new GuidedDenoiser(unet, graph.inputChannels, {
      ...options,
      ...conditions,
      controlNets,
      pictureStrength: options.conditioning.pictureStrength,
    });
  }

  /** Undefined where the graph takes no residuals. */
  async #controlNets(unet: ModelSession, controls: readonly ControlPicture[]): Promise<ControlNets | undefined> {
    const { pack } = this.#parts;
    const opened = [];
    for (const { net, ...control } of controls) {
      const component = controlNetComponents[net];
      if (!component || !pack.has(component)) throw withoutControlNet();
      opened.push({ ...control, component, session: await pack.session(component) });
    }
    return unet.inputs.some(({ name }) => isResidual(name)) ? new ControlNets(unet, opened) : undefined;
  }

  release(): Promise<void> {
    return this.#parts.pack.release();
  }
}

function withoutControlNet(): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    "The model was opened without the ControlNet that the edit asks for.",
    "Draw with the companion, which opens ControlNets beside a model.",
  );
}

function clipEncoders({ pack, configs }: UnetModelParts): readonly ClipEncoder[] {
  return textEncoderComponents
    .filter((name) => pack.has(name))
    .map(
      (name) =>
        new ClipEncoder({
          name,
          session: () => pack.session(name),
          tokenizer: () => pack.tokenizer(name === "text_encoder" ? "tokenizer" : "tokenizer_2"),
          layers: configs.textLayers[name],
        }),
    );
}

/**
 * The pack's configuration with the pipeline's overrides, or another scheduler's made from it. `from_config` hands only
 * those overrides on whose option the pack's file has.
 */
function runConfig(
  config: SchedulerConfig,
  name: ReturnType<typeof schedulerNameOf>,
  overrides: SchedulerConfig,
): SchedulerConfig {
  if (name === schedulerNameOf(config)) return { ...config, ...overrides };
  const handedOn = Object.entries(overrides).filter(([option]) => Object.hasOwn(config, option));
  return withScheduler({ ...config, ...Object.fromEntries(handedOn) }, name);
}
