import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { findInstalledChromium } from "./find-chromium.ts";
import { installChromium } from "./install-chromium.ts";
import { temporaryFolder } from "./temporary-folder.ts";

afterEach(() => vi.unstubAllEnvs());

test("takes the browser that CHROME_PATH names before any other", async () => {
  await using folder = await temporaryFolder();
  const executable = join(folder.path, "chrome");
  await writeFile(executable, "");
  vi.stubEnv("CHROME_PATH", executable);
  expect(findInstalledChromium()).toBe(executable);
});

test("says so when CHROME_PATH names no file, instead of taking another browser", () => {
  vi.stubEnv("CHROME_PATH", "/nowhere/chrome");
  expect(() => findInstalledChromium()).toThrow("CHROME_PATH names /nowhere/chrome");
});

test("finds a browser on the PATH", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "chromium"), "");
  vi.stubEnv("CHROME_PATH", "");
  vi.stubEnv("CHROMIUM_PATH", "");
  vi.stubEnv("PATH", folder.path);
  if (process.platform === "linux") expect(findInstalledChromium()).toBe(join(folder.path, "chromium"));
  else expect(() => findInstalledChromium()).not.toThrow();
});

test("installs nothing when another process has just installed a browser", async () => {
  expect(await installChromium(() => "/usr/bin/chromium")).toBe("/usr/bin/chromium");
});
