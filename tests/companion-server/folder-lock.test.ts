import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FolderLock } from "../../companion-server/folder-lock.ts";
import { inRepository } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("is free again after it was released", async () => {
  await using folder = await temporaryFolder();
  const lock = FolderLock.take(folder.path);
  expect(lock).toBeDefined();
  expect(FolderLock.take(folder.path)).toBeUndefined();
  lock?.release();
  expect(FolderLock.take(folder.path)).toBeDefined();
});

test("is held by another process until that ends, even by being killed", async () => {
  await using folder = await temporaryFolder();
  const other = fork(inRepository("tests/companion-server/support/hold-lock.mjs"), [folder.path]);
  await once(other, "message");
  expect(FolderLock.take(folder.path)).toBeUndefined();
  other.kill("SIGKILL");
  await once(other, "exit");
  expect(FolderLock.take(folder.path)).toBeDefined();
});

test.each<[string, (file: string) => Promise<unknown>]>([
  ["noise", (file) => writeFile(file, "scribble ".repeat(1_000))],
  ["a file that was cut off", (file) => writeFile(file, "SQLite format 3\0")],
  ["noise in its journal", (file) => writeFile(`${file}-journal`, "scribble ".repeat(1_000))],
  ["a folder", (file) => mkdir(file)],
])("is taken, and held against others, in spite of %s", async (_name, spoil) => {
  await using folder = await temporaryFolder();
  await spoil(join(folder.path, "lock.db"));
  const lock = FolderLock.take(folder.path);
  expect(lock).toBeDefined();
  expect(FolderLock.take(folder.path)).toBeUndefined();
  lock?.release();
  expect(FolderLock.take(folder.path)).toBeDefined();
});
