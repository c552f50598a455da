import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { parseJson } from "../pack/parse-json.ts";

/** A text as a language model reads it. */
export interface ChatTokens {
  /** `length` of them where the text was filled up, else as many as it takes. */
  readonly ids: readonly number[];
  /** How many of them are the text's own; the others fill up. */
  readonly count: number;
}

const tokenSchema = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const templatesSchema = z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]);
const configSchema = z.looseObject({ chat_template: templatesSchema.nullish() });
const definitionSchema = z.looseObject({ model: z.looseObject({ type: z.literal("BPE") }) });

/** transformers' own for tokenizers of this kind, where no file names another. */
const USUAL_PAD_TOKEN = "<|endoftext|>";

/**
 * A tokenizer of a language model that answers chats: prompts are put to it as a user's message. Ids equal those of transformers.
 *
 * References: `PreTrainedTokenizerBase.apply_chat_template` and `__call__` with `padding="max_length"`, `truncation=True`.
 */
export class ChatTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #template: Template;
  /** Tokens by their names, such as `eos_token`, which templates may write. */
  readonly #named: Readonly<Record<string, string>>;
  readonly #padId: number;

  /**
   * Reads tokenizer.json, tokenizer_config.json and, where they are there, special_tokens_map.json and chat_template.jinja.
   * Throws OverpaintError `damaged-model` naming what is missing.
   *
   * @param read a file of the tokenizer's folder; undefined where it is missing
   */
  static async read(folder: string, read: (name: string) => Promise<string | undefined>): Promise<ChatTokenizer> {
    const definition = await read("tokenizer.json");
    if (definition === undefined) throw missing(`${folder}/tokenizer.json`);
    const config = parseJson(
      `${folder}/tokenizer_config.json`,
      (await read("tokenizer_config.json")) ?? "{}",
      configSchema,
    );
    const named = parseJson(
      `${folder}/special_tokens_map.json`,
      (await read("special_tokens_map.json")) ?? "{}",
      z.looseObject({}),
    );
    const template = (await read("chat_template.jinja")) ?? templateIn(config.chat_template ?? undefined);
    if (template === undefined) throw missing(`${folder}/chat_template.jinja`);
    const parsed = parseJson(`${folder}/tokenizer.json`, definition, definitionSchema);
    return new ChatTokenizer(folder, parsed, template, { ...namedTokens(named), ...namedTokens(config) });
  }

  private constructor(folder: string, definition: object, template: string, named: Readonly<Record<string, string>>) {
    try {
      this.#tokenizer = new Tokenizer(definition, named);
      this.#template = new Template(template);
    } catch (cause) {
      const message = `The model's ${folder} cannot be read: ${cause instanceof Error ? cause.message : cause}.`;
      throw new OverpaintError("damaged-model", message, "Install the model again.", { cause });
    }
    this.#named = named;
    const pad = this.#named.pad_token ?? USUAL_PAD_TOKEN;
    const padId = this.#tokenizer.token_to_id(pad);
    if (padId === undefined) throw missing(`token "${pad}" in ${folder}/tokenizer.json`);
    this.#padId = padId;
  }

  /**
   * @param isThinking whether the model may think before it answers, for which templates leave room
   * @param maxLength of the ids; what is behind them is cut off
   */
  encode(
    text: string,
    { isThinking, maxLength }: { readonly isThinking: boolean; readonly maxLength: number },
  ): ChatTokens {
    const chat = this.#template.render({
      ...this.#named,
      messages: [{ role: "user", content: text }],
      add_generation_prompt: true,
      enable_thinking: isThinking,
    });
    const ids = this.#tokenizer.encode(chat).ids.slice(0, maxLength);
    return { ids, count: ids.length };
  }

  /** Filled up at the end to a length. */
  padded({ ids, count }: ChatTokens, length: number): ChatTokens {
    const filling = new Array<number>(Math.max(0, length - ids.length)).fill(this.#padId);
    return { ids: [...ids, ...filling], count };
  }
}

/** Everything called `…_token` that is a token. */
function namedTokens(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    const token = tokenSchema.safeParse(value);
    if (name.endsWith("_token") && token.success) named[name] = token.data;
  }
  return named;
}

function templateIn(templates: z.output<typeof templatesSchema> | undefined): string | undefined {
  if (templates === undefined || typeof templates === "string") return templates;
  return templates.find(({ name }) => name === "default")?.template;
}

function missing(what: string): OverpaintError {
  return new OverpaintError("damaged-model", `The model's ${what} is missing.`, "Install the model again.");
}
