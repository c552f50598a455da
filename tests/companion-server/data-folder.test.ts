import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultDataFolder, requireDataFolder } from "../../companion-server/data-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test.each<[NodeJS.Platform, Record<string, string>, string]>([
  ["linux", {}, "/home/a/.local/share/overpaint"],
  ["linux", { XDG_DATA_HOME: "/xdg" }, "/xdg/overpaint"],
  ["darwin", {}, "/home/a/Library/Application Support/Overpaint"],
  ["linux", { OVERPAINT_DATA: "/mine", XDG_DATA_HOME: "/xdg" }, "/mine"],
])("follows the convention of %s with %o", (platform, env, expected) => {
  expect(defaultDataFolder({ platform, env, home: "/home/a" })).toBe(expected);
});

test("keeps data on Windows out of the roaming profile", () => {
  const folder = defaultDataFolder({ platform: "win32", env: { LOCALAPPDATA: "/local" }, home: "/home/a" });
  expect(folder).toBe("/local/Overpaint");
});

test("makes a folder with those above it, for its owner alone, and leaves nothing in it", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a/b");
  await requireDataFolder(path);
  expect(await readdir(path)).toEqual([]);
  expect((await stat(path)).mode & 0o077).toBe(0);
});

test("takes a folder that is there as it is", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "models"));
  await requireDataFolder(folder.path);
  expect(await readdir(folder.path)).toEqual(["models"]);
});

test("refuses a file, and a folder below a file", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "notes.txt");
  await writeFile(file, "");
  const refusal = { code: "invalid-request", remedy: expect.stringContaining("--data") };
  await expect(requireDataFolder(file)).rejects.toMatchObject({
    ...refusal,
    message: `The data folder ${file} is a file.`,
  });
  await expect(requireDataFolder(join(file, "x"))).rejects.toMatchObject({
    ...refusal,
    message: `The data folder ${join(file, "x")} cannot be made (ENOTDIR).`,
  });
});

// Linux has folders in which nobody can make anything, and in which Node's own recursive mkdir never ends.
test.runIf(process.platform === "linux")("refuses folders that cannot be made or written to", async () => {
  const refusal = { code: "invalid-request", remedy: expect.stringContaining("--data") };
  await expect(requireDataFolder("/proc/overpaint/data")).rejects.toMatchObject({
    ...refusal,
    message: expect.stringMatching(/^The data folder \/proc\/overpaint\/data cannot be made \(E[A-Z]+\)\.$/),
  });
  await expect(requireDataFolder("/proc")).rejects.toMatchObject({
    ...refusal,
    message: expect.stringMatching(/^The data folder \/proc cannot be written to \(E[A-Z]+\)\.$/),
  });
});
