import { once } from "node:events";
import { access, cp, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import sharp from "sharp";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { hashFile } from "../../../../companion-server/models/digests/file-digests.ts";
import { startHashing } from "../../../../companion-server/models/digests/hash-pack.ts";
import { connectHub } from "../../../../companion-server/models/install/hub-connection.ts";
import { installModel } from "../../../../companion-server/models/install/install-model.ts";
import { readCatalog } from "../../../../companion-server/models/install/read-catalog.ts";
import { ModelStore } from "../../../../companion-server/models/model-store.ts";
import { inRepository } from "../../../support/repository.ts";
import { StandInHub, sha256 } from "../../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { addTinyRepository } from "../../../support/tiny-repository.ts";
import { finished, runOverpaint, startOverpaint } from "../../support/run-overpaint.ts";

const REPOSITORY = "someone/tiny-model";
const UNET = "unet/diffusion_pytorch_model.safetensors";

let hub: StandInHub;
let data: TemporaryFolder;
beforeEach(async () => {
  hub = await StandInHub.start();
  await hub.addFolder(REPOSITORY, inRepository("tests/fixtures/checkpoints/base"));
  data = await temporaryFolder();
  return async () => {
    await hub[Symbol.asyncDispose]();
    await data.remove();
  };
});

const settings = () => ({ HF_ENDPOINT: hub.endpoint });
const overpaint = (...args: readonly string[]) => runOverpaint(args, data.path, settings());
const inModel = (path: string) => join(data.path, "models/tiny-model", path);

/** Weights that take a while, so that something can happen meanwhile. */
function slowDown(): void {
  const { files } = hub.repositories.get(REPOSITORY)!; // it was just added
  files.set(UNET, Buffer.from(Float64Array.from({ length: 250_000 }, (_, index) => Math.sin(index)).buffer));
  hub.faults.slowness = 20;
}

test("a model is installed, told of, spoilt, found out, repaired, drawn with and removed", async () => {
  expect(await overpaint("models", "install", REPOSITORY)).toMatchObject({ code: 0 });
  expect((await overpaint("models", "list")).stdout).toContain("model tiny-model: tiny-model, stable-diffusion");
  await writeFile(inModel(UNET), "spoilt");
  const verified = await overpaint("models", "verify", "tiny-model");
  expect(verified).toMatchObject({ code: 2, stderr: expect.stringContaining(`${UNET} is cut short`) });
  const draw = ["imagine", "--model", "tiny-model", "--prompt", "a", "--width", "64", "--height", "64", "--steps", "1"];
  const spoilt = await overpaint(...draw, "--device", "cpu", "-o", "out.png");
  expect(spoilt).toMatchObject({ code: 2, stderr: expect.stringMatching(/damaged|cut short|bytes/) });
  expect((await overpaint("models", "repair", "tiny-model")).stdout).toBe(`${UNET} is restored\n`);
  expect(await overpaint(...draw, "--device", "cpu", "-o", "out.png")).toMatchObject({ code: 0 });
  expect((await sharp(join(data.path, "out.png")).metadata()).width).toBe(64);
  expect(await overpaint("models", "remove", "tiny-model")).toMatchObject({ code: 0 });
  expect(await readdir(join(data.path, "models"))).toEqual([]);
});

test("a download whose process was killed is gone on with", async () => {
  slowDown();
  const killed = startOverpaint(["models", "install", REPOSITORY], data.path, settings());
  await vi.waitFor(() => expect(hub.readsOf(UNET)).toHaveLength(1), { timeout: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(await readdir(data.path)).not.toContain("models");
  hub.heal();
  hub.asked.length = 0;
  expect(await overpaint("models", "install", REPOSITORY)).toMatchObject({ code: 0 });
  expect(hub.readsOf(UNET)[0]?.headers.range).toMatch(/^bytes=[1-9]/);
  expect(sha256(await readFile(inModel(UNET)))).toBe(sha256(hub.repositories.get(REPOSITORY)?.files.get(UNET) ?? ""));
});

test("an interrupt pauses, and says how to go on", async () => {
  slowDown();
  const child = startOverpaint(["models", "install", REPOSITORY], data.path, settings());
  const ended = finished(child);
  await vi.waitFor(() => expect(hub.readsOf(UNET)).toHaveLength(1), { timeout: 20_000 });
  child.kill("SIGINT");
  expect(await ended).toMatchObject({
    code: 130,
    stderr: expect.stringContaining(`To go on: overpaint models install ${REPOSITORY}.`),
  });
});

test("gigabytes are hashed by a thread, beside whatever else is done, and not when that is given up", async () => {
  const folder = join(data.path, "large");
  await cp(inRepository("tests/fixtures/checkpoints/base"), folder, { recursive: true });
  const large = join(folder, UNET);
  await truncate(large, 300 * 1024 ** 2);
  const memory = join(data.path, "hashes.json");
  const controller = new AbortController();
  const given = await startHashing({ folder }, memory, { signal: controller.signal });
  controller.abort();
  await expect(given.hashes).rejects.toMatchObject({ name: "AbortError" });
  const { hashes } = await startHashing({ folder }, memory);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  expect((await hashes)[UNET]).toBe(await hashFile(large));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

test("two processes that install the same model share one download", async () => {
  slowDown();
  const both = [overpaint("models", "install", REPOSITORY), overpaint("models", "install", REPOSITORY)];
  for (const run of await Promise.all(both)) expect(run).toMatchObject({ code: 0 });
  expect(hub.readsOf(UNET)).toHaveLength(1);
});

test("the proxy of the environment is used", async () => {
  const tunnelled: string[] = [];
  const proxy = createServer().on("connect", (request, socket) => {
    tunnelled.push(request.url ?? "");
    const [host = "", port] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const through = { ...settings(), HTTP_PROXY: address, HTTPS_PROXY: address };
    expect(await runOverpaint(["models", "install", REPOSITORY], data.path, through)).toMatchObject({ code: 0 });
    expect(tunnelled).toContain(hub.endpoint.replace("http://", ""));
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

describe("a model of the catalog does its task once it is installed", () => {
  const picture = inRepository("plugin/public/samples/strawberry.png");
  const small = ["--width", "64", "--height", "64", "--steps", "1", "--prompt", "a"];

  test.each([
    ["sdxl", ["imagine", ...small]],
    ["flux2-klein-4b", ["imagine", ...small]],
    ["x4-upscaler", ["upscale", "tiny.png", "--steps", "1"]],
    ["real-esrgan", ["upscale", "tiny.png"]],
  ])("%s", async (id, command) => {
    const known = (await readCatalog()).models.find((each) => each.id === id)!; // the catalog has it
    const entry = await addTinyRepository(hub, known);
    const store = new ModelStore(data.path);
    const wish = { id: entry.id, name: entry.name, place: entry, entry };
    await installModel(wish, { hub: connectHub(settings()), store, onProgress: () => {} });
    await sharp(picture).resize(16, 16).png().toFile(join(data.path, "tiny.png"));
    const drawn = await overpaint(...command, "--model", id, "--device", "cpu", "-o", "out.png");
    expect(drawn).toMatchObject({ code: 0, stdout: "" });
    await access(join(data.path, "out.png"));
  });
});
