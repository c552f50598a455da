import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeWhole } from "../../companion-server/write-whole.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("writes a file, and in the place of another, with its folder", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "a/b.png");
  for (const content of ["first and longer", "second"]) {
    await writeWhole(file, content);
    expect(await readFile(file, "utf8")).toBe(content);
  }
  expect(await readdir(join(folder.path, "a"))).toEqual(["b.png"]);
});

test("leaves what was there, and nothing else, where it fails", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "b.png");
  await mkdir(file);
  await writeFile(join(file, "kept"), "");
  await expect(writeWhole(file, "new")).rejects.toThrow();
  expect(await readdir(folder.path)).toEqual(["b.png"]);
  expect(await readdir(file)).toEqual(["kept"]);
});
