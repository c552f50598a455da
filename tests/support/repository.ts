import { fileURLToPath } from "node:url";

/** Absolute path of something in the repository. */
export function inRepository(path = ""): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
