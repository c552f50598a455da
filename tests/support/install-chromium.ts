import { createRequire } from "node:module";
import { join } from "node:path";
import { debianAttempt, installProgram } from "./install-program.ts";

/** Installs Chromium by the first way that works and returns what `find` then finds. */
export async function installChromium(find: () => string | undefined): Promise<string> {
  const playwright = createRequire(import.meta.url).resolve("playwright-core/package.json");
  return await installProgram({
    name: "Chrome or Chromium",
    find,
    // Debian's package brings the shared libraries that a bare download lacks, so it comes first.
    attempts: [
      ...debianAttempt("chromium"),
      [[process.execPath, join(playwright, "..", "cli.js"), "install", "chromium"]],
    ],
    advice: [
      "Install it (Debian: apt-get install chromium; elsewhere: npx playwright-core install --with-deps chromium),",
      "or set CHROME_PATH to the executable of one you have.",
    ],
  });
}
