import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLog } from "../../../companion-server/operations/open-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function linesIn(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();
  return (await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")))).join("");
}

test("writes what is left when it is closed, with secrets blotted out wherever they stand", async () => {
  await using folder = await temporaryFolder();
  const { logger, close } = await openLog(folder.path, ["a-token-for-tests", ""]);
  logger.error({ err: new Error("wrong: Bearer a-token-for-tests"), path: "/panel/a-token-for-tests/ui/" }, "failed");
  logger.info("last");
  await close();
  logger.info("too late"); // and harmless
  const text = await linesIn(folder.path);
  expect(text).toContain("wrong: Bearer [secret]");
  expect(text).toContain('"path":"/panel/[secret]/ui/"');
  expect(text).not.toContain("a-token-for-tests");
  expect(text.trimEnd().split("\n").at(-1)).toContain('"msg":"last"');
});

test("begins another file when one is full, and keeps only the newest", async () => {
  await using folder = await temporaryFolder();
  const { logger, close } = await openLog(folder.path, [], { size: "1k", kept: 2 });
  for (let k = 0; k < 200; k += 1) {
    logger.info({ k }, "x".repeat(400));
    if (k % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20)); // rolls between writes
  }
  await close();
  const files = (await readdir(folder.path)).filter((name) => name.endsWith(".log"));
  expect(files.length).toBeGreaterThan(1);
  expect(files.length).toBeLessThanOrEqual(3);
  expect(await linesIn(folder.path)).toContain('"k":199');
});

test("costs lines and nothing else where it cannot be written", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "file"), "");
  const { logger, close } = await openLog(join(folder.path, "file", "folder"), []);
  logger.info("lost");
  await expect(close()).resolves.toBeUndefined();
});
