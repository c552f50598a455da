import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outputFiles, writeOutput } from "../../../companion-server/cli/output-files.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: TemporaryFolder;
const at = (name: string) => join(folder.path, name);
const refusal = (message: string) => expect.objectContaining({ code: "invalid-request", message });

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(at("pictures.png"));
  await mkdir(at("out-2.png"));
  await writeFile(at("text"), "");
});
afterAll(() => folder.remove());

describe("outputFiles", () => {
  test("names one file for each variant", async () => {
    expect(await outputFiles(at("a.png"), 1)).toEqual([at("a.png")]);
    expect(await outputFiles(at("a.png"), 2)).toEqual([at("a-1.png"), at("a-2.png")]);
  });

  test("says in time that an output is a folder, that of a later variant too", async () => {
    await expect(outputFiles(at("pictures.png"), 1)).rejects.toEqual(refusal(`${at("pictures.png")} is a folder.`));
    await expect(outputFiles(at("out.png"), 2)).rejects.toEqual(refusal(`${at("out-2.png")} is a folder.`));
  });

  test("says in time that the folder is missing or a file", async () => {
    await expect(outputFiles(at("nowhere/a.png"), 1)).rejects.toEqual(
      refusal(`${at("nowhere")} is no folder to write to.`),
    );
    await expect(outputFiles(at("text/a.png"), 1)).rejects.toEqual(refusal(`${at("text")} is no folder to write to.`));
  });

  test("leaves no trace of having tried", async () => {
    await outputFiles(at("new.png"), 1);
    await writeFile(at("old.png"), "kept");
    await outputFiles(at("old.png"), 1);
    expect((await readdir(folder.path)).filter((name) => name === "new.png")).toEqual([]);
    expect(await readFile(at("old.png"), "utf8")).toBe("kept");
  });

  test.runIf(process.platform === "linux")("says in time that a folder takes no new files", async () => {
    await expect(outputFiles("/proc/x.png", 1)).rejects.toEqual(refusal("/proc/x.png cannot be created."));
  });

  // The administrator may write anywhere.
  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")("says in time what is read-only", async () => {
    await writeFile(at("kept.png"), "", { mode: 0o400 });
    await expect(outputFiles(at("kept.png"), 1)).rejects.toEqual(refusal(`${at("kept.png")} is read-only for you.`));
    await mkdir(at("shut"));
    await chmod(at("shut"), 0o500);
    await expect(outputFiles(at("shut/a.png"), 1)).rejects.toEqual(
      refusal(`The folder ${at("shut")} is read-only for you.`),
    );
  });
});

test("a result that cannot be written is told in words", async () => {
  await expect(writeOutput(at("pictures.png"), Uint8Array.of(1))).rejects.toEqual(
    refusal(`${at("pictures.png")} could not be written.`),
  );
});
