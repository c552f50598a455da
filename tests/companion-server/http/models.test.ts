import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { connectHub } from "../../../companion-server/models/install/hub-connection.ts";
import { installModel } from "../../../companion-server/models/install/install-model.ts";
import { readCatalog } from "../../../companion-server/models/install/read-catalog.ts";
import { ModelStore } from "../../../companion-server/models/model-store.ts";
import { catalogAnswerSchema } from "../../../shared/protocol/models/model-catalog.ts";
import { type ModelTask, modelTaskSchema } from "../../../shared/protocol/models/model-task.ts";
import { inRepository } from "../../support/repository.ts";
import { StandInHub } from "../../support/stand-in-hub.ts";
import { addTinyRepository } from "../../support/tiny-repository.ts";
import { type TestCompanion, testCompanion } from "../support/test-companion.ts";

const REPOSITORY = "someone/tiny-model";
const UNET = "unet/diffusion_pytorch_model.safetensors";
const fixture = (path: string) => inRepository(`tests/fixtures/checkpoints/${path}`);

/** Machines that do much else take a while. */
const PATIENTLY = { timeout: 20_000, interval: 50 };

let hub: StandInHub;
let companion: TestCompanion;
beforeEach(async () => {
  hub = await StandInHub.start();
  await hub.addFolder(REPOSITORY, fixture("base"));
  companion = await testCompanion({ hubEndpoint: hub.endpoint });
  return async () => {
    await companion[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
  };
});

async function ask(
  path: string,
  method = "GET",
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const answer = await companion.api(`models/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  return { status: answer.status, json: await answer.json() };
}

async function start(body: unknown): Promise<ModelTask> {
  const { status, json } = await ask("tasks", "POST", body);
  expect({ status, json }).toMatchObject({ status: 202, json: { state: "running" } });
  return modelTaskSchema.parse(json);
}

/** Every state of a task as its stream tells it, until it is over. */
async function follow({ id }: ModelTask): Promise<readonly ModelTask[]> {
  const answer = await companion.api(`models/tasks/${id}/events`);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const lines = (await answer.text()).split("\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => modelTaskSchema.parse(JSON.parse(line.slice(6))));
}

const finish = async (body: unknown) => (await follow(await start(body))).at(-1);
const untilPaused = (id: string) =>
  vi.waitFor(async () => expect((await ask(`tasks/${id}`)).json).toMatchObject({ state: "paused" }), PATIENTLY);

test("the catalog says of every model whether it runs here, what it takes and what one may do with it", async () => {
  const { models, machine } = catalogAnswerSchema.parse((await ask("catalog")).json);
  expect(machine.device).toBe("cpu");
  expect(models.find(({ id }) => id === "sd-1.5")).toMatchObject({
    isInstalled: false,
    verdict: expect.stringMatching(/runs/),
    licence: { terms: expect.any(String) },
    needs: { fp16: expect.any(Number) },
  });
});

test("nothing is told or done without a token", async () => {
  for (const path of ["catalog", "tasks"]) {
    const answer = await fetch(`${companion.origin}/api/v1/models/${path}`);
    expect({ path, status: answer.status }).toEqual({ path, status: 401 });
  }
});

test("a model is installed, told of while it arrives, verified, repaired and removed", async () => {
  const states = await follow(await start({ type: "install", model: REPOSITORY }));
  expect(states.at(-1)).toMatchObject({ state: "done", model: "tiny-model", progress: { done: expect.any(Number) } });
  expect((await (await companion.api("models")).json()).models).toContainEqual(
    expect.objectContaining({ id: "tiny-model", facts: expect.anything() }),
  );
  await writeFile(join(companion.folder, "models/tiny-model", UNET), "scrambled");
  expect(await finish({ type: "verify", model: "tiny-model" })).toMatchObject({
    state: "done",
    files: expect.arrayContaining([{ name: UNET, state: "cut-short" }]),
  });
  expect(await finish({ type: "repair", model: "tiny-model" })).toMatchObject({ state: "done", replaced: [UNET] });
  const [one, other] = await Promise.all([1, 2].map(() => start({ type: "verify", model: "tiny-model" })));
  expect(other?.id).toBe(one?.id);
  await follow(one!); // there are two
  const verified = await finish({ type: "verify", model: "tiny-model" });
  expect(verified?.files?.every(({ state }) => state === "whole")).toBe(true);
  expect(await ask("tiny-model", "DELETE")).toEqual({ status: 200, json: { id: "tiny-model" } });
  expect(await readdir(join(companion.folder, "models"))).not.toContain("tiny-model");
});

describe("an installation", () => {
  test("is paused, kept over a restart of the companion, and gone on with", async () => {
    hub.faults.slowness = 20;
    const { id } = await start({ type: "install", model: REPOSITORY });
    expect(await ask(`tasks/${id}/pause`, "POST")).toMatchObject({ status: 200, json: { state: "paused" } });
    hub.heal();
    await using next = await testCompanion({ dataFolder: companion.folder, hubEndpoint: hub.endpoint });
    const { tasks } = await (await next.api("models/tasks")).json();
    expect(tasks).toEqual([expect.objectContaining({ id, state: "paused", model: "tiny-model" })]);
    await next.api(`models/tasks/${id}/resume`, { method: "POST" });
    await vi.waitFor(
      async () => expect(await (await next.api(`models/tasks/${id}`)).json()).toMatchObject({ state: "done" }),
      PATIENTLY,
    );
  });

  test("that is cancelled leaves nothing behind", async () => {
    hub.faults.slowness = 20;
    const { id } = await start({ type: "install", model: REPOSITORY });
    expect(await ask(`tasks/${id}`, "DELETE")).toMatchObject({ status: 200, json: { state: "cancelled" } });
    expect(await readdir(join(companion.folder, "downloads"))).toEqual([]);
    expect(await readdir(join(companion.folder, "models"))).not.toContain("tiny-model");
  });

  test("that is asked for twice is one", async () => {
    hub.faults.slowness = 20;
    const first = await start({ type: "install", model: REPOSITORY });
    const second = await start({ type: "install", model: REPOSITORY });
    expect(second.id).toBe(first.id);
    hub.heal();
    await follow(first);
    expect(hub.readsOf(UNET)).toHaveLength(1);
  });

  test("of another repository that would be called the same is refused while it runs", async () => {
    hub.faults.slowness = 20;
    await hub.addFolder("somebody-else/tiny-model", fixture("base"));
    const first = await start({ type: "install", model: REPOSITORY });
    expect(await ask("tasks", "POST", { type: "install", model: "somebody-else/tiny-model" })).toMatchObject({
      status: 400,
      json: { error: { code: "invalid-request", message: expect.stringContaining(REPOSITORY) } },
    });
    hub.heal();
    expect((await follow(first)).at(-1)?.state).toBe("done");
  });

  test("that two ask for in the same moment is one, which can be cancelled", async () => {
    hub.faults.slowness = 20;
    const body = { type: "install", model: REPOSITORY };
    const [first] = await Promise.all([start(body), start(body)]);
    expect(await ask(`tasks/${first.id}`, "DELETE")).toMatchObject({ status: 200, json: { state: "cancelled" } });
    expect(await readdir(join(companion.folder, "downloads"))).toEqual([]);
  });

  test("that fails says why and can be tried again", async () => {
    hub.repositories.get(REPOSITORY)!.isGated = true; // it was just added
    const failed = await finish({ type: "install", model: REPOSITORY });
    expect(failed).toMatchObject({ state: "failed", error: { code: "gated-model", remedy: expect.any(String) } });
    hub.repositories.get(REPOSITORY)!.isGated = false;
    await ask(`tasks/${failed?.id}/resume`, "POST");
    await vi.waitFor(
      async () => expect((await ask(`tasks/${failed?.id}`)).json).toMatchObject({ state: "done" }),
      PATIENTLY,
    );
  });

  test("goes on as it was when the companion stops", async () => {
    hub.faults.slowness = 20;
    const { id } = await start({ type: "install", model: REPOSITORY });
    await companion.tasks.close();
    await untilPaused(id);
  });
});

describe("an import", () => {
  test("takes a folder by reference, whatever it is called", async () => {
    const folder = join(companion.folder, "Realistic_Vision V5.1");
    await mkdir(folder);
    await cp(fixture("base"), folder, { recursive: true });
    expect(await finish({ type: "import", path: folder })).toMatchObject({
      state: "done",
      model: "realistic_vision-v5.1",
      name: "Realistic_Vision V5.1",
    });
  });

  test("takes a file that is sent, and says what it is", async () => {
    const answer = await companion.api("models/files?name=My%20Style.safetensors", {
      method: "POST",
      body: await readFile(fixture("base/vae/diffusion_pytorch_model.safetensors")),
    });
    const task = modelTaskSchema.parse(await answer.json());
    expect((await follow(task)).at(-1)).toMatchObject({
      state: "done",
      model: "my-style",
      name: "My Style",
      remark: expect.stringContaining("VAE"),
    });
    expect(await readdir(join(companion.folder, "models/my-style"))).toEqual(["My Style.safetensors"]);
    expect(await readdir(join(companion.folder, "downloads"))).toEqual([]);
  });

  test.each([
    ...["..%2Fout.safetensors", "a%2Fb.safetensors", "", ".", "..", "%E6%A8%A1".repeat(90)],
    // Windows keeps a stream, a device, or another name.
    ...[
      "a%3Ab",
      "C%3Aa.safetensors",
      "CON",
      "nul.safetensors",
      "COM1.png",
      "com%C2%B9.png",
      "aux%20.png",
      "a.",
      "a%20",
    ],
  ])("of a file called %j is refused", async (name) => {
    const answer = await companion.api(`models/files?name=${name}`, { method: "POST", body: "x" });
    expect(answer.status).toBe(400);
  });

  test("of nothing is told as that", async () => {
    expect(await finish({ type: "import", path: "/nothing/here" })).toMatchObject({
      state: "failed",
      error: { code: "unknown-model" },
    });
  });
});

test("a newer model is told of when that is asked, and brought as a task", async () => {
  await follow(await start({ type: "install", model: REPOSITORY }));
  const repository = hub.repositories.get(REPOSITORY)!; // it was added before each test
  repository.files.set("scheduler/scheduler_config.json", Buffer.from("{}"));
  repository.commit = "1".repeat(40);
  expect((await ask("tiny-model/update")).json).toMatchObject({ state: "newer", files: 1, bytes: 2 });
  const states = await follow(await start({ type: "update", model: "tiny-model" }));
  expect(states.at(-1)).toMatchObject({ state: "done", replaced: ["scheduler/scheduler_config.json"] });
  expect((await ask("tiny-model/update")).json).toMatchObject({ state: "current", commit: "1".repeat(40) });
  expect((await ask("starter/update")).status).toBe(400);
});

test("a model whose folder was removed by hand is offered again", async () => {
  const id = "real-esrgan";
  const { models: offered } = await readCatalog();
  const entry = await addTinyRepository(hub, offered.find((each) => each.id === id)!); // the catalog has it
  const wish = { id: entry.id, name: entry.name, place: entry, entry };
  const store = new ModelStore(companion.folder);
  const hubConnection = connectHub({ HF_ENDPOINT: hub.endpoint });
  const isInstalled = async () =>
    catalogAnswerSchema.parse((await ask("catalog")).json).models.find((each) => each.id === id)?.isInstalled;
  const folder = await installModel(wish, { hub: hubConnection, store, onProgress: () => {} });
  expect(await isInstalled()).toBe(true);
  await rm(folder, { recursive: true });
  expect(await isInstalled()).toBe(false);
});

test.each([
  ["no JSON", "{", 400],
  ["no type", "{}", 400],
  ["a model that nobody knows", JSON.stringify({ type: "verify", model: "nobody" }), 404],
  ["an id that is a path", JSON.stringify({ type: "repair", model: "../starter" }), 404],
])("%s is refused", async (_, body, status) => {
  expect((await companion.api("models/tasks", { method: "POST", body })).status).toBe(status);
});

test("a model that comes with Overpaint, or a path, is not removed", async () => {
  for (const id of ["fast-upscale-2", "..", "%2e%2e%2fmodels"])
    expect((await companion.api(`models/${id}`, { method: "DELETE" })).status).toBe(404);
});
