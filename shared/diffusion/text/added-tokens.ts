import { z } from "zod";
import { parseJson } from "../pack/parse-json.ts";

const START_TOKEN = "<|startoftext|>";
const END_TOKEN = "<|endoftext|>";

/** A word of its own beside the byte pairs: found in a text before anything else is, as one id. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** White space before it is part of it. */
  readonly lstrip: boolean;
  /** White space behind it is part of it. */
  readonly rstrip: boolean;
  /** Not found inside a longer word. */
  readonly single_word: boolean;
  /** Compared after normalising (lower case), not as written. */
  readonly normalized: boolean;
}

const addedTokenSchema = z.object({
  content: z.string(),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  single_word: z.boolean().default(false),
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
});
const tokenSchema = z.union([z.string(), addedTokenSchema]);
type StatedToken = z.output<typeof tokenSchema>;

const decoderSchema = z.record(z.string(), addedTokenSchema);
const tokenListSchema = z.array(tokenSchema).nullish();
const statedTokensSchema = z
  .looseObject({ extra_special_tokens: tokenListSchema.catch(undefined), additional_special_tokens: tokenListSchema })
  .catch({});
const configSchema = z.looseObject({ added_tokens_decoder: decoderSchema.optional() });
const legacySchema = z.record(z.string(), z.int().nonnegative());

/** The order in which named tokens are added; others that end in `_token` follow. */
const namedTokens = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
const usualTokens: ReadonlyMap<string, string> = new Map([
  ["bos_token", START_TOKEN],
  ["eos_token", END_TOKEN],
  ["unk_token", END_TOKEN],
  ["pad_token", END_TOKEN],
]);

/** The text of the files that say which tokens a tokenizer has beside its vocabulary. */
export interface AddedTokenFiles {
  /** Where they lie in the pack, for messages. */
  readonly folder: string;
  /** tokenizer_config.json */
  readonly config?: string | undefined;
  /** special_tokens_map.json */
  readonly specialTokens?: string | undefined;
  /** added_tokens.json */
  readonly addedTokens?: string | undefined;
}

/** A text between added tokens, normalised, or the id of one of them. */
export type TextPart = string | number;

/**
 * The special and added tokens of a CLIP tokenizer, as `CLIPTokenizer.from_pretrained` of transformers 5 reads them from a
 * folder without tokenizer.json: where tokenizer_config.json has an `added_tokens_decoder`, it and the config decide;
 * otherwise special_tokens_map.json goes before the config, and added_tokens.json adds to both. Tokens that the vocabulary
 * lacks are numbered on behind it, whatever ids the files give them.
 *
 * References: transformers, `PreTrainedTokenizerBase._from_pretrained` and `TokenizersBackend.__init__`; tokenizers,
 * `AddedVocabulary`.
 */
export class AddedTokens {
  /** Contents of the tokens that begin, end and fill up a text. */
  readonly start: string;
  readonly end: string;
  readonly pad: string;
  readonly #tokens = new Map<string, AddedToken>();
  readonly #asWritten: Finder;
  readonly #normalised: Finder;

  /** Throws OverpaintError `damaged-model` when a file is unreadable. */
  constructor(vocabulary: Readonly<Record<string, number>>, files: AddedTokenFiles) {
    const { named, listed } = readTokens(files);
    this.start = contentOf(named.get("bos_token") ?? START_TOKEN);
    this.end = contentOf(named.get("eos_token") ?? END_TOKEN);
    this.pad = contentOf(named.get("pad_token") ?? END_TOKEN);

    const size = Object.keys(vocabulary).length;
    let added = 0;
    for (const token of tokensInOrder(named, listed)) {
      const known = this.#tokens.get(token.content)?.id ?? vocabulary[token.content];
      this.#tokens.set(token.content, { ...token, id: known ?? size + added });
      if (known === undefined) added += 1;
    }
    const tokens = [...this.#tokens.values()];
    this.#asWritten = new Finder(tokens.filter(({ normalized }) => !normalized).map((token) => [token.content, token]));
    this.#normalised = new Finder(
      tokens.filter(({ normalized }) => normalized).map((token) => [normalise(token.content), token]),
    );
  }

  /** The id of an added token; undefined for any other content. */
  idOf(content: string): number | undefined {
    return this.#tokens.get(content)?.id;
  }

  /** Cuts a text at the tokens in it. */
  split(text: string): readonly TextPart[] {
    const parts = this.#cut(text);
    const whole = this.#withFurtherVectors(text, new Set(parts));
    return whole === text ? parts : this.#cut(whole);
  }

  #cut(text: string): readonly TextPart[] {
    return this.#asWritten
      .split(text)
      .flatMap((part) => (typeof part === "number" ? [part] : this.#normalised.split(normalise(part))));
  }

  /**
   * Writes the further vectors of a textual inversion behind its name: `<cat>` becomes `<cat> <cat>_1 <cat>_2` where there
   * are such tokens. Reference: diffusers, `TextualInversionLoaderMixin.maybe_convert_prompt`.
   */
  #withFurtherVectors(text: string, found: ReadonlySet<TextPart>): string {
    let result = text;
    for (const [name, { id, normalized }] of this.#tokens) {
      // The reference looks names up as they were found: with capitals, a normalised one is not.
      const isNamed = found.has(id) && (!normalized || normalise(name) === name);
      if (!isNamed || !this.#tokens.has(`${name}_1`)) continue;
      const vectors = [name];
      while (this.#tokens.has(`${name}_${vectors.length}`)) vectors.push(`${name}_${vectors.length}`);
      result = result.replaceAll(name, () => vectors.join(" "));
    }
    return result;
  }
}

/** What CLIP's byte pairs are made of: composed letters, single spaces, lower case. */
function normalise(text: string): string {
  // A capital sigma at the end of a word becomes ς in JavaScript; the reference looks at single letters.
  return text
    .normalize("NFC")
    .replaceAll(/\p{White_Space}+/gu, " ")
    .replaceAll("Σ", "σ")
    .toLowerCase();
}

interface ReadTokens {
  readonly named: ReadonlyMap<string, StatedToken>;
  /** In the order in which they are added, before or behind the named ones. */
  readonly listed: { readonly before: readonly StatedToken[]; readonly behind: readonly StatedToken[] };
}

function readTokens({ folder, config = "{}", specialTokens = "{}", addedTokens = "{}" }: AddedTokenFiles): ReadTokens {
  const settings = parseJson(`${folder}/tokenizer_config.json`, config, configSchema);
  const named = namedIn(settings);
  const stated = statedTokensSchema.parse(settings);
  const extra = [...(stated.extra_special_tokens ?? stated.additional_special_tokens ?? [])];
  if (settings.added_tokens_decoder !== undefined) {
    const byId = Object.entries(settings.added_tokens_decoder).sort(([a], [b]) => Number(a) - Number(b));
    return { named, listed: { before: byId.map(([, token]) => token), behind: extra } };
  }
  const map = parseJson(`${folder}/special_tokens_map.json`, specialTokens, z.looseObject({}));
  const mapped = statedTokensSchema.parse(map);
  for (const [name, token] of namedIn(map)) named.set(name, asSpecial(token));
  extra.push(...(mapped.extra_special_tokens ?? []).map(asSpecial));
  // The reference compares added tokens with these before it has read the config's objects.
  const isRead = (token: StatedToken): boolean => typeof token === "string" || token.special;
  const specials = new Set([...named.values(), ...extra].filter(isRead).map(contentOf));
  if (extra.length === 0) extra.push(...(mapped.additional_special_tokens ?? []).map(asSpecial));
  const legacy = Object.entries(parseJson(`${folder}/added_tokens.json`, addedTokens, legacySchema))
    .sort(([, a], [, b]) => a - b)
    .map(([content]) => addedTokenSchema.parse({ content, normalized: !specials.has(content) }));
  return { named, listed: { before: legacy, behind: extra } };
}

/** Everything called `…_token` that is a token. */
function namedIn(settings: Readonly<Record<string, unknown>>): Map<string, StatedToken> {
  const named = new Map<string, StatedToken>();
  for (const [name, value] of Object.entries(settings)) {
    const token = tokenSchema.safeParse(value);
    if (name.endsWith("_token") && token.success) named.set(name, token.data);
  }
  return named;
}

function asSpecial(token: StatedToken): StatedToken {
  return typeof token === "string" ? token : { ...token, special: true };
}

function contentOf(token: StatedToken): string {
  return typeof token === "string" ? token : token.content;
}

/** Every token as it is added; one that comes again replaces the flags of the former. */
function tokensInOrder(named: ReadTokens["named"], { before, behind }: ReadTokens["listed"]): Omit<AddedToken, "id">[] {
  const others = [...named.keys()].filter((name) => !namedTokens.includes(name));
  const names = [...namedTokens, ...others].flatMap((name) => named.get(name) ?? usualTokens.get(name) ?? []);
  const special = new Set(names.map(contentOf));
  const listedBefore = new Set(before.map(contentOf));
  const plain = new Set<string>();
  const further = [...names, ...behind].filter((token) => {
    const isKnown = listedBefore.has(contentOf(token)) || (typeof token === "string" && plain.has(token));
    if (typeof token === "string") plain.add(token);
    return !isKnown;
  });
  return [...before, ...further].map((token) => withFlags(token, special));
}

/** A special token is compared as written, any other normalised, where nothing is said of it. */
function withFlags(token: StatedToken, named: ReadonlySet<string>): Omit<AddedToken, "id"> {
  const stated = typeof token === "string" ? addedTokenSchema.parse({ content: token, special: true }) : token;
  const { special, ...flags } = stated;
  return { ...flags, normalized: flags.normalized ?? !(special || named.has(flags.content)) };
}

/** JavaScript's own trimming takes U+FEFF too. */
const SPACE_AT_START = /^\p{White_Space}+/u;
const SPACE_AT_END = /\p{White_Space}+$/u;
const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Finds contents in a text, from left to right, the longest of those that begin at the same place. */
class Finder {
  readonly #tokens: ReadonlyMap<string, AddedToken>;
  readonly #pattern: RegExp | undefined;

  constructor(entries: readonly (readonly [content: string, token: AddedToken])[]) {
    // Of several that are the same once normalised, the first is found.
    this.#tokens = new Map(entries.filter(([content]) => content !== "").reverse());
    const longestFirst = [...this.#tokens.keys()].sort((a, b) => b.length - a.length);
    const alternatives = longestFirst.map((content) => content.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    this.#pattern = alternatives.length > 0 ? new RegExp(alternatives.join("|"), "gu") : undefined;
  }

  split(text: string): readonly TextPart[] {
    if (this.#pattern === undefined) return text === "" ? [] : [text];
    const parts: TextPart[] = [];
    let end = 0;
    for (const { 0: content, index } of text.matchAll(this.#pattern)) {
      const token = this.#tokens.get(content);
      if (token === undefined) throw new Error("A pattern finds what it was made of.");
      const before = text.slice(0, index);
      const behind = text.slice(index + content.length);
      if (token.single_word && (endsWithWord(before) || startsWithWord(behind))) continue;
      const start = token.lstrip ? Math.max(end, before.replace(SPACE_AT_END, "").length) : index;
      if (start > end) parts.push(text.slice(end, start));
      parts.push(token.id);
      end = text.length - (token.rstrip ? behind.replace(SPACE_AT_START, "") : behind).length;
    }
    if (end < text.length) parts.push(text.slice(end));
    return parts;
  }
}

function startsWithWord(text: string): boolean {
  const [first] = text;
  return first !== undefined && WORD.test(first);
}

function endsWithWord(text: string): boolean {
  const last = [...text.slice(-2)].at(-1);
  return last !== undefined && WORD.test(last);
}
