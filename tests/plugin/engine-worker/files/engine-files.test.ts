import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { EngineFiles, type InstalledFiles } from "../../../../plugin/engine-worker/files/engine-files.ts";
import type { FoundFile } from "../../../../plugin/engine-worker/files/found-file.ts";
import { KeptInMemory } from "../../../../plugin/engine-worker/files/kept-in-memory.ts";

const root = new URL("https://static.example/overpaint/");
const contents: Readonly<Record<string, Buffer>> = {
  "assets/runtime.wasm": Buffer.alloc(50_000, "runtime"),
  "models/starter/model_index.json": Buffer.from("{}"),
  "models/starter/unet/model.onnx": Buffer.alloc(90_000, "weights"),
  "models/other/model.onnx": Buffer.alloc(10_000, "other"),
};
const list = Object.entries(contents).map(([path, bytes]) => ({
  path,
  size: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
}));

/** Addresses below the root, with the byte that was asked from. */
let asked: string[];
let isUp: boolean;
/** Bytes after which the next answer to a large file is cut. */
let cutAfter: number | undefined;
let kept: KeptInMemory;

beforeEach(() => {
  asked = [];
  isUp = true;
  cutAfter = undefined;
  kept = new KeptInMemory();
  installed = async () => undefined;
});

async function serve(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  if (!isUp) throw new TypeError("Failed to fetch");
  const path = String(input).slice(root.href.length);
  const range = new Headers(init?.headers).get("range");
  const from = Number(/\d+/.exec(range ?? "")?.[0] ?? 0);
  asked.push(from > 0 ? `${path} from ${from}` : path);
  if (path === "engine-files.json") return Response.json(list);
  const bytes = contents[path];
  if (bytes === undefined) return new Response("elsewhere");
  const status = from > 0 ? 206 : 200;
  const headers = from > 0 ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
  const end = bytes.length > 80_000 ? cutAfter : undefined;
  if (end === undefined) return new Response(Uint8Array.from(bytes.subarray(from)), { status, headers });
  cutAfter = undefined;
  const pieces = [bytes.subarray(from, end)];
  const body = new ReadableStream({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(Uint8Array.from(piece));
      else controller.error(new TypeError("network error"));
    },
  });
  return new Response(body, { status, headers });
}

let installed: (id: string) => Promise<InstalledFiles | undefined>;

function open(onFetching = (_: { readonly done: number; readonly total: number }) => {}) {
  return new EngineFiles({
    root,
    fetch: serve,
    keep: async () => kept,
    alone: (_, work) => work(),
    installed,
    onFetching,
  });
}

const unet = new URL("models/starter/unet/model.onnx", root);
const textOf = async (found: Promise<FoundFile | undefined>) => await (await found)?.content.text();

test("asks for nothing before a file is, then for its pack alone, once", async () => {
  const files = open();
  expect(asked).toEqual([]);
  expect(await textOf(files.find(unet))).toBe(contents["models/starter/unet/model.onnx"]!.toString()); // named above
  await files.find(unet);
  await files.find(new URL("models/starter/model_index.json", root));
  expect(asked.toSorted()).toEqual([
    "engine-files.json",
    "models/starter/model_index.json",
    "models/starter/unet/model.onnx",
  ]);
});

test("asks for the list alone at the next opening", async () => {
  await open().find(unet);
  asked = [];
  await open().find(unet);
  expect(asked).toEqual(["engine-files.json"]);
});

test("tells how many bytes of how many are there", async () => {
  const told: number[][] = [];
  await open(({ done, total }) => told.push([done, total])).find(unet);
  expect(told.at(-1)).toEqual([90_002, 90_002]);
});

test("goes on where the connection was cut", async () => {
  cutAfter = 30_000;
  expect(await textOf(open().find(unet))).toHaveLength(90_000);
  expect(asked).toContain("models/starter/unet/model.onnx from 30000");
});

test("names the server that does not answer", async () => {
  isUp = false;
  await expect(open().find(unet)).rejects.toMatchObject({
    code: "engine-unavailable",
    message: expect.stringContaining("static.example"),
  });
});

test("asks again for a pack that did not arrive", async () => {
  const files = open();
  await files.storage();
  isUp = false;
  await expect(files.find(unet)).rejects.toMatchObject({ code: "engine-unavailable" });
  isUp = true;
  expect(await textOf(files.find(unet))).toHaveLength(90_000);
});

test("needs no server for any pack that is listed once all were fetched, and says what it keeps", async () => {
  const files = open();
  await files.fetchPacks();
  expect(await files.storage()).toEqual({ lasts: false, bytes: 100_002, free: undefined });
  isUp = false;
  expect(await textOf(files.find(new URL("models/other/model.onnx", root)))).toHaveLength(10_000);
  expect(await files.find(new URL("models/starter/vae/config.json", root))).toBeUndefined();
});

test("fetches what is not listed as it is", async () => {
  expect(await textOf(open().find(new URL("models/of-ones-own/checkpoint.safetensors", root)))).toBe("elsewhere");
});

test("asks no server for a model that is installed", async () => {
  const content = new Blob(["own weights"]);
  const own = {
    paths: ["model.onnx"],
    fingerprint: "1",
    find: async (path: string) => (path === "model.onnx" ? { content } : undefined),
  };
  installed = async (id) => (id === "mine" ? own : undefined);
  const files = open();
  expect(await textOf(files.find(new URL("models/mine/model.onnx", root)))).toBe("own weights");
  expect(await files.find(new URL("models/mine/config.json", root))).toBeUndefined();
  expect(await files.list(new URL("models/mine/", root))).toEqual(["model.onnx"]);
  expect(await files.list(new URL("models/starter/", root))).toBeUndefined();
  expect(asked).toEqual([]);
});
