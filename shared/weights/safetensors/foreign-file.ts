import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** Bytes from a file's start that tell what it is. */
export const SIGNATURE_LENGTH = 64;

const convert =
  "Choose the .safetensors file of the same model: unlike a .ckpt or .bin file it cannot run code when it is opened.";
const download = "Download it again: take the file itself, not the page that shows it.";

/** What begins with what, and why it is no safetensors file. */
const foreign: readonly (readonly [start: RegExp | string, what: string, remedy: string])[] = [
  [
    "PK\u0003\u0004",
    "is a zip archive, as PyTorch's .ckpt and .bin files are, whose pickled contents can run any code",
    convert,
  ],
  // Its second byte is the protocol.
  ...["\u0001", "\u0002", "\u0003", "\u0004", "\u0005"].map(
    (protocol) =>
      [
        `\u0080${protocol}`,
        "is a Python pickle, as old .ckpt files are, which can run any code when it is opened",
        convert,
      ] as const,
  ),
  [/^\s*<(!doctype|html|\?xml|head|body)/i, "is a web page", download],
  [/^version https:\/\/git-lfs/, "is a pointer of Git LFS, not the weights themselves", "Fetch it with git lfs pull."],
  [/^GGUF/, "is a GGUF file", "Choose the model's .safetensors file."],
  [/^\s*[{[]/, "is JSON text", "Choose the model's .safetensors file."],
];

/** The error for a file that is something else; undefined where its first bytes may be those of a safetensors file. */
export function foreignFile(path: string, start: Uint8Array): OverpaintError | undefined {
  const text = String.fromCharCode(...start.subarray(0, SIGNATURE_LENGTH));
  const found = foreign.find(([sign]) => (typeof sign === "string" ? text.startsWith(sign) : sign.test(text)));
  return found && new OverpaintError("unsupported-model", `${fileName(path)} ${found[1]}.`, found[2]);
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
