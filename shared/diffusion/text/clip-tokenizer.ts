import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { parseJson } from "../pack/parse-json.ts";

const START_TOKEN = "<|startoftext|>";
const END_TOKEN = "<|endoftext|>";
/** CLIP's pattern: contractions, runs of letters, single digits, runs of anything else that is not white space. */
const WORD_PATTERN =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

const vocabularySchema = z.record(z.string(), z.int().nonnegative());
const tokenSchema = z.union([z.string(), z.object({ content: z.string() }).transform((token) => token.content)]);
const tokenizerConfigSchema = z.object({
  // transformers writes a number beyond any use where a tokenizer has no limit.
  model_max_length: z.number().positive().max(100_000).catch(77).default(77),
  pad_token: tokenSchema.nullish(),
});

/** The text of a tokenizer's files. Which token pads is said by tokenizer_config.json or special_tokens_map.json. */
export interface TokenizerFiles {
  /** Where they lie in the pack, for messages. */
  readonly folder: string;
  readonly vocabulary: string;
  readonly merges: string;
  readonly config?: string | undefined;
  readonly specialTokens?: string | undefined;
}

/** CLIP's byte-pair encoding: the same ids as `CLIPTokenizer` in transformers. */
export class ClipTokenizer {
  /** Tokens the encoder reads at a time, with start and end token. */
  readonly maxLength: number;
  readonly startId: number;
  readonly endId: number;
  readonly padId: number;
  readonly #tokenizer: Tokenizer;

  /** Throws OverpaintError `damaged-model` when a file is unreadable or lacks CLIP's special tokens. */
  constructor({ folder, vocabulary: vocabularyText, merges, config = "{}", specialTokens = "{}" }: TokenizerFiles) {
    const vocabulary = parseJson(`${folder}/vocab.json`, vocabularyText, vocabularySchema);
    const settings = {
      ...parseJson(`${folder}/special_tokens_map.json`, specialTokens, tokenizerConfigSchema.pick({ pad_token: true })),
      ...parseJson(`${folder}/tokenizer_config.json`, config, tokenizerConfigSchema),
    };
    const idOf = (token: string): number => {
      const id = vocabulary[token];
      if (id !== undefined) return id;
      throw new OverpaintError(
        "damaged-model",
        `The model's ${folder}/vocab.json has no token "${token}".`,
        "Install the model again.",
      );
    };
    this.maxLength = settings.model_max_length;
    this.startId = idOf(START_TOKEN);
    this.endId = idOf(END_TOKEN);
    this.padId = idOf(settings.pad_token ?? END_TOKEN);
    this.#tokenizer = clipTokenizer(vocabulary, merges, this.startId, this.endId);
  }

  /** The ids of a text, as many as it takes, without start and end token. */
  encode(text: string): number[] {
    // JavaScript lower-cases a capital sigma at the end of a word to ς; the reference looks at single letters.
    return this.#tokenizer.encode(text.replaceAll("Σ", "σ"), { add_special_tokens: false }).ids;
  }

  /** Start token, at most `maxLength − 2` ids, end token, padding: exactly what the encoder reads. */
  toEncoderInput(ids: readonly number[]): number[] {
    const kept = ids.slice(0, this.maxLength - 2);
    const input = [this.startId, ...kept, this.endId];
    while (input.length < this.maxLength) input.push(this.padId);
    return input;
  }
}

/**
 * The tokenizer.json that transformers builds in memory from the two files. A tokenizer.json shipped in a pack is not
 * read: some lack the start and end tokens or split words differently.
 */
function clipTokenizer(vocabulary: Record<string, number>, merges: string, startId: number, endId: number): Tokenizer {
  const special = (id: number, content: string) => ({
    id,
    content,
    special: true,
    normalized: false,
    single_word: false,
    lstrip: false,
    rstrip: false,
  });
  const definition = {
    version: "1.0",
    added_tokens: [special(startId, START_TOKEN), special(endId, END_TOKEN)],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: WORD_PATTERN }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: null,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: END_TOKEN,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      vocab: vocabulary,
      merges: merges.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#version")),
    },
  };
  return new Tokenizer(definition, { tokenizer_class: "CLIPTokenizer" });
}
