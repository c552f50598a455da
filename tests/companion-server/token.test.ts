import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
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
  expect(await loadToken(folder.path, "mine.of-16_chars")).toBe("mine.of-16_chars");
  await expect(stat(join(folder.path, "token"))).rejects.toThrow("ENOENT");
});

test.each([
  ["with a space in the middle", /cannot carry/],
  ["ein-schönes-passwort", /cannot carry/],
  ["1", /1 characters; at least 16/],
  ["fifteen-letters", /15 characters; at least 16/],
])("refuses the token %j and does not repeat it", async (token, message) => {
  await using folder = await temporaryFolder();
  const refusal = await loadToken(folder.path, token).catch((error: Error) => error);
  expect(refusal).toMatchObject({ code: "invalid-request", message: expect.stringMatching(message) });
  if (token.length > 1) expect((refusal as Error).message).not.toContain(token);
});

test("refuses a kept token that is too short", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "token"), "abc\n");
  await expect(loadToken(folder.path, undefined)).rejects.toMatchObject({ code: "invalid-request" });
});

test("puts no other in the place of a kept token that cannot be read", async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "token"));
  await expect(loadToken(folder.path, undefined)).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringContaining("cannot be read (EISDIR)"),
  });
});

test("tells equal tokens from others, of any length", () => {
  expect(isSameToken("abc", "abc")).toBe(true);
  for (const other of ["abd", "ab", "abcd", "", "ABC"]) expect(isSameToken(other, "abc")).toBe(false);
});
