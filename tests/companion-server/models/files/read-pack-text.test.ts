import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPackText } from "../../../../companion-server/models/files/read-pack-text.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("answers a file's text, or nothing where there is none", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "config.json"), "{}");
  expect(await readPackText(folder.path, "config.json")).toBe("{}");
  expect(await readPackText(folder.path, "other.json")).toBeUndefined();
});

test("names what cannot be read by its place in the pack", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "unet/config.json"), { recursive: true });
  await expect(readPackText(folder.path, "unet/config.json")).rejects.toMatchObject({
    code: "damaged-model",
    message: "The model's file unet/config.json cannot be read (EISDIR).",
  });
});
