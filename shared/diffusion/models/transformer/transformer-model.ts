import type { PixelSize } from "../../../protocol/geometry.ts";
import type { ModelFacts } from "../../../protocol/models/model-facts.ts";
import type { Denoiser } from "../../denoiser/denoiser.ts";
import type { ModelPack } from "../../model-pack.ts";
import type { ModelSession } from "../../model-session.ts";
import type { SchedulerConfig } from "../../schedulers/scheduler-name.ts";
import { encodeChat } from "../../text/chat-encoder.ts";
import type { ChatTokenizer, ChatTokens } from "../../text/chat-tokenizer.ts";
import type { Conditioning, EncodePromptsOptions, PromptEmbedding } from "../../text/conditioning.ts";
import type {
  Blending,
  DenoiserOptions,
  DiffusionModel,
  LatentSpace,
  Schedule,
  ScheduleOptions,
} from "../diffusion-model.ts";
import { flowSchedule } from "./flow-schedule.ts";
import type { TransformerConfigs } from "./transformer-configs.ts";
import { TransformerDenoiser, type TransformerNetwork } from "./transformer-denoiser.ts";

/** What families of models with a transformer and a language model as text encoder are told apart by. */
export interface TransformerModelParts {
  readonly pack: ModelPack;
  readonly configs: Pick<TransformerConfigs, "scheduler" | "textEncoder">;
  readonly facts: ModelFacts;
  readonly latents: LatentSpace;
  readonly blending: Blending;
  /** A prompt as the text encoder is given it. */
  readonly tokens: (tokenizer: ChatTokenizer, prompt: string) => ChatTokens;
  /** How far a schedule that shifts by picture size does so. */
  readonly mu: (size: PixelSize, steps: number) => number;
  readonly createNetwork: (options: DenoiserOptions) => Promise<TransformerNetwork>;
}

/** Longest prompt in tokens, `max_sequence_length` of the pipelines; what is behind is cut off. */
export const MAX_PROMPT_TOKENS = 512;

/** The transformer, loaded; again where it had to make room meanwhile. */
export async function lastingSession(pack: ModelPack): Promise<Pick<ModelSession, "run">> {
  await pack.session("transformer");
  return { run: async (feeds) => await (await pack.session("transformer")).run(feeds) };
}

export class TransformerModel implements DiffusionModel {
  readonly type = "diffusion";
  readonly facts: ModelFacts;
  readonly latents: LatentSpace;
  readonly blending: Blending;
  readonly #parts: TransformerModelParts;

  constructor(parts: TransformerModelParts) {
    this.#parts = parts;
    this.facts = parts.facts;
    this.latents = parts.latents;
    this.blending = parts.blending;
  }

  get graphs(): readonly string[] {
    return Object.values(this.#parts.pack.graphs);
  }

  async load(): Promise<void> {
    const { pack } = this.#parts;
    if (!pack.isLean) await pack.session("transformer");
    await pack.chatTokenizer();
  }

  async encodePrompt({ prompt, negativePrompt = "", isGuided }: EncodePromptsOptions): Promise<Conditioning> {
    return {
      prompt: await this.#encode(prompt),
      negative: isGuided ? await this.#encode(negativePrompt) : undefined,
    };
  }

  createSchedule(options: ScheduleOptions): Schedule {
    const { configs, mu } = this.#parts;
    const scheduler: SchedulerConfig = configs.scheduler;
    return flowSchedule(scheduler, options, (steps) => mu(options.size, steps));
  }

  async createDenoiser(options: DenoiserOptions): Promise<Denoiser> {
    const network = await this.#parts.createNetwork(options);
    // Scales are counted from that of no guidance; the formula counts from 1.
    const weight = options.guidanceScale + 1 - (this.facts.unguidedScale ?? 1);
    return new TransformerDenoiser(network, { ...options, weight });
  }

  release(): Promise<void> {
    return this.#parts.pack.release();
  }

  async #encode(text: string): Promise<PromptEmbedding> {
    const { pack, configs, tokens } = this.#parts;
    const ids = tokens(await pack.chatTokenizer(), text);
    return await encodeChat(await pack.session("text_encoder"), ids, configs.textEncoder);
  }
}
