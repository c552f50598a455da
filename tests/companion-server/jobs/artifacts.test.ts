import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("refuses jobs with the reason where a file lies in the place of their folder", async () => {
  await using folder = await temporaryFolder();
  const root = join(folder.path, "jobs");
  await writeFile(root, "");
  await expect(new DiskArtifacts(root).requireRoom()).rejects.toMatchObject({
    code: "disk-full",
    message: "The companion cannot put pictures into the folder jobs of its data folder (EEXIST).",
    remedy: expect.stringContaining("Move away"),
  });
});
