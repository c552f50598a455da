import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isSameToken, loadToken } from "../../companion-server/token.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("makes a token once and keeps it for its owner alone", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const token = await loadToken(data, undefined);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(await loadToken(data, "")).toBe(token);
  expect((await readFile(join(data, "token"), "utf8")).trim()).toBe(token);
  if (process.platform !== "win32") expect((await stat(join(data, "token"))).mode & 0o777).toBe(0o600);
});

test("takes the token of the environment and writes it nowhere", async () => {
  await using folder = await temporaryFolder();
  expect(await loadToken(folder.path, "mine")).toBe("mine");
  await expect(stat(join(folder.path, "token"))).rejects.toThrow("ENOENT");
});

test("tells equal tokens from others, of any length", () => {
  expect(isSameToken("abc", "abc")).toBe(true);
  for (const other of ["abd", "ab", "abcd", "", "ABC"]) expect(isSameToken(other, "abc")).toBe(false);
});
