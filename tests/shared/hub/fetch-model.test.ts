import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { ArrivingModel } from "../../../shared/hub/arriving-model.ts";
import { fetchModel } from "../../../shared/hub/fetch-model.ts";
import { HubClient, type HubFile } from "../../../shared/hub/hub-client.ts";
import type { CreateHasher } from "../../../shared/hub/hub-fetch.ts";

const GIGABYTE = 1024 ** 3;
const createHasher: CreateHasher = (algorithm) => {
  const hash = createHash(algorithm);
  return { add: (bytes) => void hash.update(bytes), finish: () => hash.digest("hex") };
};
const content = Buffer.alloc(1_000_000, "weights");
const file: HubFile = {
  path: "unet/model.safetensors",
  size: content.length,
  digest: { algorithm: "sha256", hex: createHash("sha256").update(content).digest("hex") },
};

/** A model that arrives in memory, on a disk of so many bytes. */
class MemoryModel implements ArrivingModel {
  readonly remedyForRoom = "Free some space.";
  readonly files = new Map<string, Buffer>();
  readonly #capacity: number;
  readonly #free: number | undefined;

  constructor({ capacity = Infinity, free }: { readonly capacity?: number; readonly free?: number } = {}) {
    this.#capacity = capacity;
    this.#free = free;
  }

  keptBytes = async (path: string) => this.files.get(path)?.length ?? 0;
  async *read(path: string, bytes: number) {
    yield this.files.get(path)?.subarray(0, bytes) ?? Buffer.alloc(0);
  }
  open = async (path: string, bytes: number) => {
    this.files.set(path, (this.files.get(path) ?? Buffer.alloc(0)).subarray(0, bytes));
    return {
      write: async (piece: Uint8Array) => {
        const whole = Buffer.concat([this.files.get(path) ?? Buffer.alloc(0), piece]);
        if (whole.length > this.#capacity)
          throw Object.assign(new Error("no space"), { code: "ENOSPC", syscall: "write" });
        this.files.set(path, whole);
      },
      close: async () => {},
    };
  };
  discard = async (path: string) => void this.files.delete(path);
  adopt = async () => false;
  tagOf = async () => undefined;
  rememberTag = async () => {};
  freeBytes = async () => this.#free;
}

/** A hub that answers with this content, in pieces. @param refusal the body with which it knows no parts of files */
function hubOf(bytes: Buffer, refusal?: () => AsyncIterable<Uint8Array>) {
  const asked: string[] = [];
  const fetch = async (_url: string, { headers }: { readonly headers: Readonly<Record<string, string>> }) => {
    const from = Number(/\d+/.exec(headers.Range ?? "0")?.[0]);
    asked.push(headers.Range ?? "");
    if (from > 0 && refusal)
      return { status: 416, headers: { get: () => null }, body: refusal(), text: async () => "" };
    return {
      status: from > 0 ? 206 : 200,
      headers: {
        get: (name: string) =>
          name === "content-range" && from > 0 ? `bytes ${from}-${bytes.length - 1}/${bytes.length}` : null,
      },
      body: pieces(bytes.subarray(from)),
      text: async () => bytes.toString("latin1"),
    };
  };
  const clock = { now: () => 0, sleep: async () => {} };
  return { hub: new HubClient({ fetch, clock, endpoint: "https://hub.example" }), asked };
}

const cut = (): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("aborted")) }),
});

async function* pieces(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

const from = { repository: "a/b", commit: "0".repeat(40) };
const bring = (into: ArrivingModel, hub: HubClient) =>
  fetchModel([file], { hub, from, into, createHasher, onProgress: () => {} });

test("what does not fit the disk is refused before a byte is fetched, with what it lacks", async () => {
  const { hub, asked } = hubOf(content);
  const large = { ...file, size: 5 * GIGABYTE };
  const into = new MemoryModel({ free: 2 * GIGABYTE });
  const bringing = fetchModel([large], { hub, from, into, createHasher, onProgress: () => {} });
  await expect(bringing).rejects.toMatchObject({
    code: "disk-full",
    message: "The model takes 5.0 GiB more, and 2.0 GiB are free.",
  });
  expect(asked).toEqual([]);
});

test("what is there already counts as fitting", async () => {
  const into = new MemoryModel({ free: 256 * 1024 ** 2 });
  into.files.set(file.path, content);
  await expect(bring(into, hubOf(content).hub)).resolves.toEqual(new Map([[file.path, file.digest.hex]]));
});

test("a disk that is full at 99 % ends it at once, and what arrived goes on when there is room", async () => {
  const { hub, asked } = hubOf(content);
  const into = new MemoryModel({ capacity: 990_000 });
  await expect(bring(into, hub)).rejects.toMatchObject({ code: "ENOSPC" });
  expect(asked).toHaveLength(1);
  const roomier = new MemoryModel();
  roomier.files.set(file.path, into.files.get(file.path) ?? Buffer.alloc(0));
  await bring(roomier, hub);
  expect(asked.at(-1)).toBe("bytes=990000-");
});

test("a file that is longer than listed is not kept", async () => {
  const { hub } = hubOf(Buffer.concat([content, content]));
  const into = new MemoryModel();
  await expect(bring(into, hub)).rejects.toMatchObject({ code: "damaged-model" });
  expect(await into.keptBytes(file.path)).toBe(0);
});

test("an answer that says the kept part is of no use says so when it is cut, too", async () => {
  const { hub, asked } = hubOf(content, cut);
  const into = new MemoryModel();
  into.files.set(file.path, Buffer.from("another file"));
  await expect(bring(into, hub)).resolves.toEqual(new Map([[file.path, file.digest.hex]]));
  expect(asked).toEqual(["bytes=12-", ""]);
});
