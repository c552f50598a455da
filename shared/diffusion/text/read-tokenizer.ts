import { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { parseJson } from "../pack/parse-json.ts";
import type { TokenizerFiles } from "./clip-tokenizer.ts";

/** What is read of a tokenizer.json: byte pairs as lists or as "a b", and the tokens beside them with their ids. */
const tokenizerJsonSchema = z.object({
  model: z.object({
    vocab: z.record(z.string(), z.unknown()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
  added_tokens: z.array(z.looseObject({ id: z.int().nonnegative(), content: z.string() })).default([]),
});

/**
 * The texts of a CLIP tokenizer in one form: vocab.json and merges.txt, or where they are missing tokenizer.json, which is all
 * that transformers 5 writes. Throws OverpaintError `damaged-model` where neither is there.
 *
 * @param read a file of the tokenizer's folder; undefined where it is missing
 */
export async function readTokenizerFiles(
  folder: string,
  read: (name: string) => Promise<string | undefined>,
): Promise<TokenizerFiles> {
  const vocabulary = await read("vocab.json");
  const merges = await read("merges.txt");
  const config = await read("tokenizer_config.json");
  if (vocabulary !== undefined && merges !== undefined)
    return {
      folder,
      vocabulary,
      merges,
      config,
      specialTokens: await read("special_tokens_map.json"),
      addedTokens: await read("added_tokens.json"),
    };
  const whole = await read("tokenizer.json");
  if (whole !== undefined) return fromTokenizerJson(folder, whole, config);
  const missing = vocabulary === undefined ? "vocab.json" : "merges.txt";
  throw new OverpaintError("damaged-model", `The model's ${folder}/${missing} is missing.`, "Install the model again.");
}

function fromTokenizerJson(folder: string, text: string, config = "{}"): TokenizerFiles {
  const { model, added_tokens: added } = parseJson(`${folder}/tokenizer.json`, text, tokenizerJsonSchema);
  const settings = parseJson(`${folder}/tokenizer_config.json`, config, z.looseObject({}));
  const decoder = Object.fromEntries(added.map(({ id, ...token }) => [`${id}`, token]));
  return {
    folder,
    vocabulary: JSON.stringify(model.vocab),
    merges: model.merges.map((merge) => (typeof merge === "string" ? merge : merge.join(" "))).join("\n"),
    config: JSON.stringify({ added_tokens_decoder: decoder, ...settings }),
  };
}
