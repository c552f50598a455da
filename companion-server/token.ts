import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const TOKEN_BYTES = 32;

/** The token of this companion: OVERPAINT_TOKEN, else the one kept in the data folder, else a new one put there. */
export async function loadToken(dataFolder: string, fromEnvironment: string | undefined): Promise<string> {
  if (fromEnvironment) return fromEnvironment;
  const file = join(dataFolder, "token");
  const kept = (await readFile(file, "utf8").catch(() => "")).trim();
  if (kept) return kept;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Compares in a time that does not depend on where two tokens differ. */
export function isSameToken(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((token) => createHash("sha256").update(token).digest());
  return timingSafeEqual(a!, b!); // two digests in, two out
}
