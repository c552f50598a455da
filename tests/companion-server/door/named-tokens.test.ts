import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keyringOf } from "../../../companion-server/door/keyring.ts";
import { NamedTokens } from "../../../companion-server/door/named-tokens.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("gives out a token that opens until it is taken back", async () => {
  await using folder = await temporaryFolder();
  const running = new NamedTokens(folder.path);
  const keyring = keyringOf("the-owners-own-token", running);
  const elsewhere = new NamedTokens(folder.path);
  const token = await elsewhere.add("Anna", 1);
  expect(await keyring.whose(token)).toEqual({ name: "Anna" });
  expect(await keyring.whose("the-owners-own-token")).toEqual({});
  expect(await keyring.whose("another-token-of-nobody")).toBeUndefined();
  await elsewhere.remove("Anna");
  expect(await keyring.whose(token)).toBeUndefined();
});

test("keeps no token, only its digest, for its owner's eyes", async () => {
  await using folder = await temporaryFolder();
  const token = await new NamedTokens(folder.path).add("Łukasz K.", 1);
  const file = join(folder.path, "tokens.json");
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(await readFile(file, "utf8")).not.toContain(token);
  if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each(["", " ", "-x", "a\nb", "\u001b[31mred", "a".repeat(65)])("takes %j for no name", async (name) => {
  await using folder = await temporaryFolder();
  await expect(new NamedTokens(folder.path).add(name, 1)).rejects.toMatchObject({ code: "invalid-request" });
});

test("refuses a name that is taken, one that has no token, and a damaged file", async () => {
  await using folder = await temporaryFolder();
  const tokens = new NamedTokens(folder.path);
  await tokens.add("Anna", 1);
  await expect(tokens.add("Anna", 2)).rejects.toMatchObject({ code: "invalid-request" });
  await expect(tokens.remove("Bert")).rejects.toMatchObject({ code: "not-found" });
  const file = join(folder.path, "tokens.json");
  await writeFile(file, "{");
  await expect(new NamedTokens(folder.path).list()).rejects.toMatchObject({ code: "invalid-request" });
  await rm(file);
  await mkdir(file);
  await expect(new NamedTokens(folder.path).list()).rejects.toMatchObject({ code: "invalid-request" });
});
