import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { installChromium } from "./install-chromium.ts";

const executableNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Where Chrome and Chromium install themselves. */
function usualPaths(): readonly string[] {
  const { platform, env } = process;
  if (platform === "darwin") {
    const applications = ["/Applications", join(homedir(), "Applications")];
    return applications.flatMap((folder) => [
      join(folder, "Google Chrome.app/Contents/MacOS/Google Chrome"),
      join(folder, "Chromium.app/Contents/MacOS/Chromium"),
    ]);
  }
  if (platform === "win32") {
    const programs = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA];
    return programs
      .filter((folder) => folder !== undefined)
      .flatMap((folder) => [
        join(folder, "Google\\Chrome\\Application\\chrome.exe"),
        join(folder, "Chromium\\Application\\chrome.exe"),
      ]);
  }
  const searched = (env.PATH ?? "").split(delimiter).concat("/usr/bin", "/usr/local/bin", "/opt/google/chrome");
  return searched.flatMap((folder) => executableNames.map((name) => join(folder, name)));
}

/**
 * The executable of an installed Chrome or Chromium, or undefined: CHROME_PATH or CHROMIUM_PATH, then the usual places,
 * then Playwright's own download.
 */
export function findInstalledChromium(): string | undefined {
  for (const variable of ["CHROME_PATH", "CHROMIUM_PATH"]) {
    const path = process.env[variable];
    if (!path) continue;
    if (!existsSync(path)) throw new Error(`${variable} names ${path}, and there is no such file.`);
    return path;
  }
  return [...usualPaths(), chromium.executablePath()].find((path) => existsSync(path));
}

/** As `findInstalledChromium`, but installs one where there is none. Throws saying how where that is not possible. */
export async function findChromium(): Promise<string> {
  return findInstalledChromium() ?? (await installChromium(findInstalledChromium));
}
