import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../companion-server/make-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("several who make folders below the same new one at once all get theirs", async () => {
  const { path, remove } = await temporaryFolder();
  try {
    const folders = Array.from({ length: 50 }, (_, index) => join(path, `${Math.floor(index / 5)}/a/${index % 5}`));
    await Promise.all(folders.map(makeFolder));
    for (const folder of folders) expect((await stat(folder)).isDirectory()).toBe(true);
  } finally {
    await remove();
  }
});

test.skipIf(process.platform !== "linux")(
  "a folder that the system refuses is refused, and not tried forever",
  async () => {
    await expect(makeFolder("/proc/nothing/here")).rejects.toMatchObject({ code: "ENOENT" });
  },
);
