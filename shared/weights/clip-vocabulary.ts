/** Merges in CLIP's published list, which holds more than CLIP uses. */
const MERGES = 49_152 - 256 - 2;
/** Tokens CLIP's vocabulary has: bytes, the same at the end of a word, merges, start and end. */
export const CLIP_VOCABULARY_SIZE = 49_408;
const START_TOKEN = "<|startoftext|>";
const END_TOKEN = "<|endoftext|>";

/** Where the merges lie among the files that ship with the product. */
export const CLIP_MERGES_PATH = "clip-tokenizer/merges.txt";

/** What fills up a short prompt: CLIP was trained with the end token, OpenCLIP with zeros, which are exclamation marks. */
export type ClipPadding = "end" | "exclamation mark";

/** The text of a tokenizer folder's vocab.json and merges.txt, by name, from the text of CLIP's merges. */
export function clipVocabularyFiles(merges: string): ReadonlyMap<string, string> {
  const lines = merges.split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#version"));
  const used = lines.slice(0, MERGES);
  const letters = byteLetters();
  const tokens = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...used.map((merge) => merge.replace(" ", "")),
    START_TOKEN,
    END_TOKEN,
  ];
  return new Map([
    ["vocab.json", JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id])))],
    ["merges.txt", ["#version: 0.2", ...used, ""].join("\n")],
  ]);
}

/** The text of its settings. */
export function clipSettingFiles(padding: ClipPadding): ReadonlyMap<string, string> {
  const special = {
    bos_token: START_TOKEN,
    eos_token: END_TOKEN,
    unk_token: END_TOKEN,
    pad_token: padding === "end" ? END_TOKEN : "!",
  };
  return new Map([
    ["special_tokens_map.json", JSON.stringify(special)],
    ["tokenizer_config.json", JSON.stringify({ tokenizer_class: "CLIPTokenizer", model_max_length: 77, ...special })],
  ]);
}

/** One printable letter a byte, in the vocabulary's order: printable bytes first, then the others from U+0100 on. */
function byteLetters(): readonly string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte < 127) || (byte >= 161 && byte < 256 && byte !== 173);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const printable = bytes.filter(isPrintable).map((byte) => String.fromCharCode(byte));
  return [...printable, ...bytes.slice(printable.length).map((_, index) => String.fromCharCode(256 + index))];
}
