import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { runCli } from "../../../companion-server/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("says at its start that the memory it may take is no number", async () => {
  await using folder = await temporaryFolder();
  // A file is no data folder: nothing starts, whatever is checked first.
  const file = join(folder.path, "file");
  await writeFile(file, "");
  vi.stubEnv("OVERPAINT_MEMORY", "6 GB");
  const print = vi.spyOn(console, "error").mockReturnValue();
  expect(await runCli(["serve", "--no-open", "--data", file])).toBe(2);
  expect(print.mock.calls).toEqual([
    [
      'overpaint: OVERPAINT_MEMORY is "6 GB", which is no number of gigabytes. Set it to a number such as 6 or 0.5, or leave it out.',
    ],
  ]);
});
