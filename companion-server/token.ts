import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OverpaintError } from "../shared/protocol/overpaint-error.ts";

/** 256 bits: not to be guessed, however many try for however long. */
const TOKEN_BYTES = 32;
/** Of a token that somebody thought of. At the 60 guesses a minute that the door allows, even words and digits of this length hold. */
export const MIN_TOKEN_CHARACTERS = 16;
/** What `Authorization: Bearer` takes (RFC 6750, section 2.1). */
const TOKEN_CHARACTERS = /^[\w.~+/-]+=*$/;

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/**
 * The token of whoever runs this companion: OVERPAINT_TOKEN, else the one kept in the data folder, else a new one put there.
 *
 * Throws OverpaintError `invalid-request` for one that no request could carry, that is easily guessed or cannot be read: clients know it,
 * so that another is not put in its place.
 */
export async function loadToken(dataFolder: string, fromEnvironment: string | undefined): Promise<string> {
  if (fromEnvironment) return requireUsable(fromEnvironment, "OVERPAINT_TOKEN");
  const file = join(dataFolder, "token");
  const kept = (await readFile(file, "utf8").catch((cause) => whyUnread(file, cause))).trim();
  if (kept) return requireUsable(kept, `The token in ${file}`);
  const token = newToken();
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Nothing where there is none yet. */
function whyUnread(file: string, cause: NodeJS.ErrnoException): string {
  if (cause.code === "ENOENT") return "";
  throw new OverpaintError(
    "invalid-request",
    `The token in ${file} cannot be read (${cause.code}).`,
    "Move away what is in its place: a new one is made at the next start.",
    { cause },
  );
}

/** @param name how the message calls it: the token itself is not shown */
function requireUsable(token: string, name: string): string {
  const fault = !TOKEN_CHARACTERS.test(token)
    ? "has characters that a request cannot carry (spaces, letters with accents or the like)"
    : token.length < MIN_TOKEN_CHARACTERS
      ? `has ${token.length} characters; at least ${MIN_TOKEN_CHARACTERS} are needed`
      : undefined;
  if (fault === undefined) return token;
  throw new OverpaintError(
    "invalid-request",
    `${name} ${fault}.`,
    "Use letters, digits and . _ ~ + / - only, or leave it out: a good one is made at the first start.",
  );
}

/** What is kept of a token where it need not be shown again. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Compares in a time that does not depend on where two tokens differ. */
export function isSameToken(given: string, expected: string): boolean {
  return isSameDigest(tokenDigest(given), tokenDigest(expected));
}

/** As `isSameToken`, of two digests. */
export function isSameDigest(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, "hex"), Buffer.from(expected, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
}
