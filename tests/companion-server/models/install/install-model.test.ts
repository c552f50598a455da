import { link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";
import { installModel } from "../../../../companion-server/models/install/install-model.ts";
import { ModelRecords } from "../../../../companion-server/models/model-records.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import { parseWish } from "../../../../shared/hub/install-wish.ts";
import type { TransferProgress } from "../../../../shared/hub/transfer-meter.ts";
import { inRepository } from "../../../support/repository.ts";
import { StandInHub, sha256 } from "../../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

const REPOSITORY = "someone/tiny-model";
const UNET = "unet/diffusion_pytorch_model.safetensors";

let hub: StandInHub;
let data: TemporaryFolder;
beforeEach(async () => {
  hub = await StandInHub.start();
  const { files } = await hub.addFolder(REPOSITORY, inRepository("tests/fixtures/checkpoints/base"), {
    licence: "openrail",
  });
  // Installing reads no weights, so they may be anything, and large enough to be cut.
  files.set(UNET, Buffer.from(Float64Array.from({ length: 60_000 }, (_, index) => Math.sin(index)).buffer));
  data = await temporaryFolder();
  return async () => {
    await hub[Symbol.asyncDispose]();
    await data.remove();
  };
});

const content = (path: string) => {
  const found = hub.repositories.get(REPOSITORY)?.files.get(path);
  if (!found) throw new Error(`the stand-in has no ${path}`);
  return found;
};

/** Compares digests: a difference in half a million bytes is nothing to print. */
async function expectWhole(folder: string, path = UNET): Promise<void> {
  expect(`${path} ${sha256(await readFile(join(folder, path)))}`).toBe(`${path} ${sha256(content(path))}`);
}

interface Trial {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
  readonly named?: string;
}

/** Installs with the real connection, but for pauses: they are noted and not waited for. */
async function install({ env = {}, signal, onProgress = () => {}, named = REPOSITORY }: Trial = {}) {
  const pauses: number[] = [];
  const clock = { now: () => Date.now(), sleep: async (milliseconds: number) => void pauses.push(milliseconds) };
  const impatient = connectHub({ HF_ENDPOINT: hub.endpoint, ...env }, { clock });
  const folder = await installModel(parseWish(named, []), {
    hub: impatient,
    store: new ModelStore(data.path),
    signal,
    onProgress,
  });
  return { folder, pauses };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

test("a repository becomes a folder of real files, with the digests of all of them on record", async () => {
  const { folder } = await install();
  expect(folder).toBe(join(data.path, "models/tiny-model"));
  const record = await new ModelRecords(data.path).find("tiny-model");
  expect(record?.source).toMatchObject({ repository: REPOSITORY, commit: hub.repositories.get(REPOSITORY)?.commit });
  expect(record?.licence).toBe("openrail");
  expect(record?.files.map(({ name }) => name).sort()).toEqual(await filesIn(folder));
  for (const { name, size, sha256: digest } of record?.files ?? []) {
    const bytes = await readFile(join(folder, name));
    expect({ name, size, digest }).toEqual({ name, size: bytes.length, digest: sha256(bytes) });
  }
  expect(await readdir(join(data.path, "downloads"))).toEqual([]);
});

test("progress counts every byte once and ends with all of them", async () => {
  const seen: TransferProgress[] = [];
  await install({ onProgress: (progress) => void seen.push(progress) });
  const last = seen.at(-1);
  expect(last?.done).toBe(last?.total);
  for (const [index, { done }] of seen.entries()) expect(done).toBeGreaterThanOrEqual(seen[index - 1]?.done ?? 0);
});

describe("what goes wrong on the way", () => {
  test("a connection that is cut again and again is gone on with from where it was", async () => {
    hub.faults.cutAfter = 100_000;
    const { folder } = await install();
    await expectWhole(folder);
    const starts = hub.readsOf(UNET).map(({ headers }) => Number(/\d+/.exec(headers.range ?? "0")?.[0]));
    // A cut may cost what was still on its way, but nothing that had arrived.
    expect(starts.length).toBeGreaterThan(4);
    for (const [index, start] of starts.entries()) expect(start).toBeGreaterThan(starts[index - 1] ?? -1);
  });

  test("a hub that asks for a pause gets the pause it asks for", async () => {
    Object.assign(hub.faults, { tooMany: 3, retryAfter: "7" });
    const { pauses } = await install();
    expect(pauses).toEqual([7_000, 7_000, 7_000]);
  });

  test("a hub that fails is asked again after pauses that double", async () => {
    hub.faults.failing = 3;
    const { pauses } = await install();
    expect(pauses).toEqual([500, 1_000, 2_000]);
  });

  test("a hub that goes on failing is given up, and what arrived is kept", async () => {
    hub.faults.cutAfter = 100_000;
    hub.faults.onPiece = (path, sent) => {
      if (path === UNET && sent === 100_000) hub.faults.failing = 1_000;
    };
    await expect(install()).rejects.toMatchObject({ code: "hub-unreachable" });
    hub.heal();
    hub.asked.length = 0;
    await expectWhole((await install()).folder);
    const [again, ...more] = hub.readsOf(UNET);
    expect({ range: again?.headers.range, more }).toEqual({ range: expect.stringMatching(/^bytes=[1-9]/), more: [] });
  });

  test.each([
    ["416", { unsatisfiable: 1 }],
    ["the whole file in place of a part", { ignoresRanges: true }],
  ])("an answer of %s starts the file over", async (_, fault) => {
    hub.faults = { cutAfter: 200_000, cuts: 1, ...fault };
    await expectWhole((await install()).folder);
    const ranges = hub.readsOf(UNET).map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]/), undefined]);
  });

  test("a byte that turned on the way is noticed, and the file fetched again", async () => {
    hub.faults.scrambled = 1;
    const { folder } = await install();
    for (const path of await filesIn(folder)) await expectWhole(folder, path);
  });

  test("a hub that keeps sending something else than it lists is refused by name", async () => {
    hub.faults.scrambled = 1_000;
    await expect(install()).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining("arrives otherwise"),
    });
    expect(await readdir(join(data.path)).then((names) => names.includes("models"))).toBe(false);
  });

  test("a page in place of data is told as one", async () => {
    hub.faults.isPage = true;
    await expect(install()).rejects.toMatchObject({
      code: "hub-unreachable",
      message: expect.stringContaining("web page"),
    });
  });

  test("a hub that is not there is told with its address", async () => {
    await expect(install({ env: { HF_ENDPOINT: "http://127.0.0.1:9" } })).rejects.toMatchObject({
      code: "hub-unreachable",
      message: expect.stringContaining("http://127.0.0.1:9"),
    });
  });
});

describe("who may have it", () => {
  test("a gated repository says where to accept its terms and how to give a token", async () => {
    hub.repositories.get(REPOSITORY)!.isGated = true; // it was just added
    await expect(install()).rejects.toMatchObject({
      code: "gated-model",
      remedy: expect.stringContaining("HF_TOKEN"),
    });
  });

  test("the token goes to the hub and to no other host", async () => {
    hub.repositories.get(REPOSITORY)!.isGated = true; // it was just added
    await install({ env: { HF_TOKEN: "hf_secret" } });
    const carriers = new Set(hub.asked.filter(({ headers }) => headers.authorization).map(({ host }) => host));
    expect([...carriers]).toEqual(["hub"]);
    expect(hub.asked.some(({ host }) => host === "store")).toBe(true);
  });

  test.each([
    ["nobody/nothing", "unknown-model", "no repository"],
    [`${REPOSITORY}@v9`, "unknown-model", "no such revision"],
    ["not a repository", "unknown-model", "neither"],
    ["../../etc", "unknown-model", "neither"],
  ])("%s is refused", async (named, code, words) => {
    await expect(install({ named })).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

describe("pauses and restarts", () => {
  /** Fetches until so many bytes of the largest file are there. */
  async function pauseAfter(bytes: number): Promise<string> {
    const controller = new AbortController();
    hub.faults.cutAfter = bytes;
    hub.faults.onPiece = (path, sent) => {
      if (path === UNET && sent === bytes) controller.abort();
    };
    await expect(install({ signal: controller.signal })).rejects.toMatchObject({ name: "AbortError" });
    hub.heal();
    hub.asked.length = 0;
    const kept = (await filesIn(join(data.path, "downloads"))).find((path) => path.endsWith(UNET));
    return join(data.path, "downloads", kept ?? "nothing was kept");
  }

  test("a paused download goes on where it was left, and is hashed as a whole", async () => {
    const { size } = await stat(await pauseAfter(200_000));
    await expectWhole((await install()).folder);
    expect(hub.readsOf(UNET).map(({ headers }) => headers.range)).toEqual([size > 0 ? `bytes=${size}-` : undefined]);
  });

  test("bytes that rotted while it was paused are noticed", async () => {
    const kept = await pauseAfter(200_000);
    await writeFile(kept, Buffer.alloc((await stat(kept)).size + 1000));
    await expectWhole((await install()).folder);
    expect(hub.readsOf(UNET)).toHaveLength(2);
  });

  test("bytes that rotted under another program's name stay as they are there", async () => {
    const kept = await pauseAfter(200_000);
    const others = join(data.path, "blob");
    const rotten = Buffer.alloc(content(UNET).length);
    await writeFile(others, rotten);
    await rm(kept);
    await link(others, kept);
    await expectWhole((await install()).folder);
    expect(rotten.equals(await readFile(others))).toBe(true);
  });

  test("a file that changed at the hub meanwhile is fetched from its first byte", async () => {
    await pauseAfter(200_000);
    const repository = hub.repositories.get(REPOSITORY)!; // it was added before each test
    repository.files.set(UNET, Buffer.from(content(UNET)).reverse());
    await expectWhole((await install()).folder);
  });

  test("what is installed is not fetched again", async () => {
    const { folder } = await install();
    const before = await stat(join(folder, UNET));
    hub.asked.length = 0;
    await install();
    expect(hub.asked).toEqual([]);
    expect((await stat(join(folder, UNET))).mtimeMs).toBe(before.mtimeMs);
  });

  test("another model of that id is never overwritten", async () => {
    await install();
    await hub.addFolder("other/tiny-model", inRepository("tests/fixtures/checkpoints/base"));
    await expect(install({ named: "other/tiny-model" })).rejects.toMatchObject({
      message: expect.stringContaining("already another"),
    });
  });
});

test("a process that ends before the model's digests are kept leaves a download that is gone on with", async () => {
  // A folder in place of the file: it is what a full disk, or the end of the process, does to the step.
  const memory = join(data.path, "model-hashes.json");
  await mkdir(join(memory, "in the way"), { recursive: true });
  await expect(install()).rejects.toThrow();
  await rm(memory, { recursive: true });
  const { folder } = await install();
  const known = await new ModelStore(data.path).digests.read();
  expect(known[join(folder, UNET)]).toMatchObject({ sha256: sha256(content(UNET)), isRecorded: true });
});

test("what another program has in the hub's cache is taken from there", async () => {
  const cache = await temporaryFolder();
  const blobs = join(cache.path, "models--someone--tiny-model/blobs");
  await mkdir(blobs, { recursive: true });
  await writeFile(join(blobs, sha256(content(UNET))), content(UNET));
  process.env.HF_HUB_CACHE = cache.path;
  try {
    const { folder } = await install();
    expect(hub.readsOf(UNET)).toEqual([]);
    expect((await stat(join(folder, UNET))).isFile()).toBe(true);
  } finally {
    delete process.env.HF_HUB_CACHE;
    await cache.remove();
  }
});
