import { createHash } from "node:crypto";
import { beforeEach, expect, test, vi } from "vitest";
import { EngineFiles } from "../../../../plugin/engine-worker/files/engine-files.ts";
import { KeptOnDisk } from "../../../../plugin/engine-worker/files/kept-on-disk.ts";
import { PrivateStorage } from "../../../support/private-storage.ts";

const root = new URL("https://static.example/");
const listed = (path: string, text: string) => ({
  path,
  size: text.length,
  sha256: createHash("sha256").update(text).digest("hex"),
  text,
});

let disk: PrivateStorage;

beforeEach(() => {
  disk = new PrivateStorage();
});

function open(files: readonly ReturnType<typeof listed>[]) {
  const fetch = async (input: RequestInfo | URL) => {
    const path = String(input).slice(root.href.length);
    if (path === "engine-files.json") return Response.json(files);
    return new Response(files.find((file) => file.path === path)?.text);
  };
  return new EngineFiles({
    root,
    fetch,
    keep: (known) => KeptOnDisk.open(known, disk.manager),
    alone: (_, work) => work(),
    installed: async () => undefined,
    onFetching: () => {},
  });
}

test("keeps files of the same content that arrive side by side", async () => {
  const same = ["models/a/encoder.json", "models/a/decoder.json"].map((path) => listed(path, "{}"));
  const files = open(same);
  await files.fetchPacks();
  expect(await files.storage()).toMatchObject({ lasts: true, bytes: 4 });
});

test("gives up what the list no longer names, and keeps the rest", async () => {
  const [old, kept] = [listed("models/a/old.json", "old"), listed("models/a/kept.json", "kept")];
  await open([old, kept]).fetchPacks();
  await KeptOnDisk.open([kept], disk.manager);
  const again = await KeptOnDisk.open([old, kept], disk.manager);
  expect(await again.whole(old.path)).toBeUndefined();
  expect((await again.whole(kept.path))?.size).toBe(4);
});

test("waits for a worker that was ended while it wrote", async () => {
  const [file] = [listed("models/a/model.json", "content")];
  const ended = await KeptOnDisk.open([file], disk.manager);
  const writer = await ended.open(file.path, 0);
  setTimeout(() => void writer.close(), 100);
  const files = open([file]);
  await files.fetchPacks();
  expect(await files.storage()).toMatchObject({ bytes: 7 });
});

test("goes on in memory where the room that was promised is not there", async () => {
  const [small, large] = [listed("models/a/small.json", "{}"), listed("models/b/model.json", "a".repeat(1_000))];
  const files = open([small, large]);
  disk.quota = 3 * 1024 ** 3;
  await files.storage();
  const promised = vi.spyOn(KeptOnDisk.prototype, "freeBytes").mockResolvedValue(3 * 1024 ** 3);
  disk.quota = 500;
  await files.fetchPacks();
  promised.mockRestore();
  expect((await files.find(new URL(large.path, root)))?.content.size).toBe(1_000);
  expect(await files.storage()).toMatchObject({ lasts: false, bytes: 1_002 });
});
