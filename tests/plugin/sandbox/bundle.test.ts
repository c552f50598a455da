import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { beforeAll, expect, test } from "vitest";
import { inRepository } from "../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: TemporaryFolder;
let plugin: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  plugin = join(folder.path, "plugin.js");
  const root = inRepository();
  await build({
    root,
    configFile: join(root, "vite.sandbox.config.ts"),
    logLevel: "error",
    build: { outDir: folder.path },
  });
  return () => folder[Symbol.asyncDispose]();
}, 30_000);

test("is one script without anything the compartment refuses or lacks", async () => {
  const code = await readFile(plugin, "utf8");
  expect(code).toMatch(/^\(function\(/);
  expect(code).not.toMatch(/\bimport\s*\(|<!--|-->|\beval\s*\(|\bimport\.meta|^\s*(?:import|export)\s/m);
});

test("selects, reads and places in a locked-down compartment with frozen Penpot objects", async () => {
  await build({
    root: inRepository(),
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true },
    build: {
      ssr: inRepository("tests/plugin/sandbox/compartment-host.ts"),
      outDir: folder.path,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: "compartment-host.mjs" } },
    },
  });
  const host = join(folder.path, "compartment-host.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [host, plugin]);
  const { messages, names, keepsSecret } = JSON.parse(stdout);
  expect(keepsSecret).toBe(true);
  expect(messages).toEqual([
    expect.objectContaining({ type: "theme", theme: "dark" }),
    expect.objectContaining({ type: "selection", selection: expect.objectContaining({ type: "image" }) }),
    expect.objectContaining({ type: "source", requestId: 1, bytes: 33, mime: "image/png" }),
    expect.objectContaining({ type: "placed", requestId: 2 }),
    expect.objectContaining({ type: "selection" }),
    expect.objectContaining({ type: "failed", requestId: 3 }),
  ]);
  expect(names).toEqual(["Root Frame", "Picture", "A layer"]);
}, 30_000);
