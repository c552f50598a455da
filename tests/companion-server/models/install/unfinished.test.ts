import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { sweepUnfinished, unfinishedFolder } from "../../../../companion-server/models/install/unfinished.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("what a process that is gone left half done is removed, downloads and what others do stay", async () => {
  await using downloads = await temporaryFolder();
  const { pid: gone } = spawnSync(process.execPath, ["-e", ""]);
  const names = {
    ofTheGone: `.${gone}-import-mine`,
    // As after a start in a container, where numbers come again.
    ofThisNumber: basename(unfinishedFolder(downloads.path, "sent-1")),
    ofAnother: `.${process.ppid}-import-other`,
    download: "sd-1.5",
  };
  for (const name of Object.values(names)) {
    await mkdir(join(downloads.path, name));
    await writeFile(join(downloads.path, name, "model.safetensors"), "bytes");
  }
  await sweepUnfinished(downloads.path);
  expect((await readdir(downloads.path)).sort()).toEqual([names.ofAnother, names.download].sort());
});

test("a data folder without downloads has nothing to sweep", async () => {
  await using folder = await temporaryFolder();
  await sweepUnfinished(join(folder.path, "downloads"));
  expect(await readdir(folder.path)).toEqual([]);
});
