import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { isSameDigest, newToken, tokenDigest } from "../token.ts";

const namedTokenSchema = z.object({
  name: z.string(),
  /**
   * SHA-256 and no slow hash: a slow one protects words that people think of. These tokens are 256 random bits, which nobody
   * finds by trying, and every request is checked against them.
   */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
});
export type NamedToken = z.output<typeof namedTokenSchema>;
const fileSchema = z.object({ version: z.literal(1), tokens: z.array(namedTokenSchema) });

/** Letters and digits of any script, and what stands in names and addresses of mail. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;

/** The tokens that the companion's owner gave to others, by name. Only their digests are kept. */
export class NamedTokens {
  readonly #file: string;
  #read: { readonly modified: number; readonly tokens: readonly NamedToken[] } | undefined;

  constructor(dataFolder: string) {
    this.#file = join(dataFolder, "tokens.json");
  }

  /** Reads the file again when it changed: tokens come and go while a companion runs. Throws `invalid-request` for a damaged file. */
  async list(): Promise<readonly NamedToken[]> {
    const modified = await stat(this.#file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (modified === undefined) return [];
    if (this.#read?.modified !== modified) this.#read = { modified, tokens: await readTokens(this.#file) };
    return this.#read.tokens;
  }

  /** Answers the new token, which is shown this once. Throws `invalid-request` for a name that is taken or none. */
  async add(name: string, now: number): Promise<string> {
    if (!NAME.test(name))
      throw new OverpaintError(
        "invalid-request",
        `${JSON.stringify(name)} is no name for a token.`,
        "Use up to 64 letters, digits, spaces and . _ @ -, beginning with a letter or digit.",
      );
    const tokens = await this.list();
    if (tokens.some((each) => each.name === name))
      throw new OverpaintError(
        "invalid-request",
        `There is a token for ${name} already.`,
        `Remove it first with \`overpaint token remove ${JSON.stringify(name)}\`, or choose another name.`,
      );
    const token = newToken();
    await this.#write([...tokens, { name, sha256: tokenDigest(token), createdAt: now }]);
    return token;
  }

  /** Throws `not-found` for a name that has none. */
  async remove(name: string): Promise<void> {
    const tokens = await this.list();
    const left = tokens.filter((each) => each.name !== name);
    if (left.length === tokens.length)
      throw new OverpaintError(
        "not-found",
        `There is no token for ${name}.`,
        `There are tokens for: ${tokens.map((each) => each.name).join(", ") || "nobody"}.`,
      );
    await this.#write(left);
  }

  /** Whose token this is; undefined for nobody's. A file that was damaged since it was read takes nobody's token away. */
  async whose(token: string): Promise<string | undefined> {
    const digest = tokenDigest(token);
    const tokens = await this.list().catch(() => this.#read?.tokens ?? []);
    return tokens.find(({ sha256 }) => isSameDigest(digest, sha256))?.name;
  }

  async #write(tokens: readonly NamedToken[]): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const unfinished = `${this.#file}.${process.pid}.new`;
    await writeFile(unfinished, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`, { mode: 0o600 });
    await rename(unfinished, this.#file);
    this.#read = undefined;
  }
}

async function readTokens(file: string): Promise<readonly NamedToken[]> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, "utf8"))).tokens;
  } catch (cause) {
    throw new OverpaintError(
      "invalid-request",
      `The file of tokens ${file} is damaged.`,
      "Restore it, or delete it and give out new tokens with `overpaint token add`.",
      { cause },
    );
  }
}
