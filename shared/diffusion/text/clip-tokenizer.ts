import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { parseJson } from "../pack/parse-json.ts";
import { type AddedTokenFiles, AddedTokens } from "./added-tokens.ts";

/** What stands for bytes that the vocabulary lacks. */
const UNKNOWN_TOKEN = "<|endoftext|>";
/** CLIP's pattern: contractions, runs of letters, single digits, runs of anything else that is not white space. */
const WORD_PATTERN =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** Looked through in one loop: 50,000 schemas of a number take longer than the rest of opening a tokenizer. */
const vocabularySchema = z
  .custom<Readonly<Record<string, number>>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "Expected ids by token",
  )
  .superRefine((vocabulary, context) => {
    const wrong = Object.entries(vocabulary).find(([, id]) => !Number.isSafeInteger(id) || id < 0);
    if (wrong) context.addIssue({ code: "custom", path: [wrong[0]], message: "Expected a whole number from 0 on" });
  });
const tokenizerConfigSchema = z.object({
  // transformers writes a number beyond any use where a tokenizer has no limit.
  model_max_length: z.number().positive().max(100_000).catch(77).default(77),
});

/** The text of a tokenizer's files. */
export interface TokenizerFiles extends AddedTokenFiles {
  readonly vocabulary: string;
  readonly merges: string;
}

/**
 * CLIP's byte-pair encoding: the same ids as `CLIPTokenizer` in transformers, for every character up to Unicode 16. Those added
 * later are letters here as soon as the JavaScript runtime knows them, and there as soon as the tokenizers library does: between
 * the two, words break at other places around them. No vocabulary has them as more than bytes.
 */
export class ClipTokenizer {
  /** Tokens the encoder reads at a time, with start and end token. */
  readonly maxLength: number;
  readonly startId: number;
  readonly endId: number;
  readonly padId: number;
  readonly #added: AddedTokens;
  readonly #bytePairs: Tokenizer;
  readonly #files: TokenizerFiles;

  /**
   * @param sibling Another of the same model, which often has the same byte pairs and other settings: they are shared then.
   *
   * Throws OverpaintError `damaged-model` when a file is unreadable or the vocabulary lacks the start or end token.
   */
  constructor(files: TokenizerFiles, sibling?: ClipTokenizer) {
    const { folder, merges, config = "{}" } = files;
    const vocabulary = parseJson(`${folder}/vocab.json`, files.vocabulary, vocabularySchema);
    const idOf = (token: string): number => {
      const id = vocabulary[token];
      if (id !== undefined) return id;
      throw new OverpaintError(
        "damaged-model",
        `The model's ${folder}/vocab.json has no token "${token}".`,
        "Install the model again.",
      );
    };
    this.#added = new AddedTokens(vocabulary, files);
    this.maxLength = parseJson(`${folder}/tokenizer_config.json`, config, tokenizerConfigSchema).model_max_length;
    this.startId = idOf(this.#added.start);
    this.endId = idOf(this.#added.end);
    this.padId = this.#added.idOf(this.#added.pad) ?? this.endId;
    this.#files = files;
    const isShared = sibling !== undefined && hasSameBytePairs(sibling.#files, files);
    this.#bytePairs = isShared ? sibling.#bytePairs : bytePairTokenizer(vocabulary, merges);
  }

  /** The ids of a text, as many as it takes, without start and end token. */
  encode(text: string): number[] {
    return this.#added
      .split(text)
      .flatMap((part) =>
        typeof part === "number" ? [part] : this.#bytePairs.encode(part, { add_special_tokens: false }).ids,
      );
  }

  /** Start token, at most `maxLength − 2` ids, end token, padding: exactly what the encoder reads. */
  toEncoderInput(ids: readonly number[]): number[] {
    const kept = ids.slice(0, this.maxLength - 2);
    const input = [this.startId, ...kept, this.endId];
    while (input.length < this.maxLength) input.push(this.padId);
    return input;
  }
}

function hasSameBytePairs(a: TokenizerFiles, b: TokenizerFiles): boolean {
  return a.vocabulary === b.vocabulary && a.merges === b.merges;
}

/**
 * The part of the tokenizer.json that transformers builds in memory which reads normalised text without added tokens. A
 * tokenizer.json shipped in a pack is not read: some lack the start and end tokens or split words differently.
 */
function bytePairTokenizer(vocabulary: Readonly<Record<string, number>>, merges: string): Tokenizer {
  const definition = {
    version: "1.0",
    added_tokens: [],
    normalizer: null,
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
      unk_token: UNKNOWN_TOKEN,
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
