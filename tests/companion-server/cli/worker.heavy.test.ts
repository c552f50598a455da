import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, onTestFinished, test, vi } from "vitest";
import { jobSchema, modelListSchema, statusSchema } from "../../../shared/protocol/api.ts";
import { testRedis } from "../../support/redis.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { readEvents } from "../support/read-events.ts";
import { finished, startOverpaint } from "../support/run-overpaint.ts";
import { submission } from "../support/submission.ts";

const PASSWORD = "not-to-be-seen";
const WAIT = { timeout: 60_000, interval: 50 };

interface Started {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly output: () => string;
}

async function watched(start: (folder: string) => ChildProcess, sign: RegExp): Promise<Started> {
  const folder = await temporaryFolder();
  const child = start(folder.path);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
    await folder.remove();
  });
  await vi.waitFor(() => expect(output).toMatch(sign), WAIT);
  return { child, folder: folder.path, output: () => output };
}

const entry = inRepository("tests/companion-server/support/worker-process.mjs");
const startQuickWorker = (queue: string) =>
  watched(
    (folder) => spawn(process.execPath, [entry, queue, folder], { stdio: ["ignore", "pipe", "pipe"] }),
    /\(cpu\) draws\n/,
  );

test("a worker killed in the middle of a job costs it nothing, and the password of the Redis shows nowhere", async () => {
  await using redis = await testRedis({ password: PASSWORD });
  const queue = redis.url.replace("//", `//:${PASSWORD}@`);
  const args = ["serve", "--port", "0", "--no-open", "--queue", queue];
  const serving = await watched((folder) => startOverpaint(args, folder), /Draws on the workers of .+\n/);
  expect(serving.output()).toContain(`Draws on the workers of ${redis.url}.`);
  const port = /localhost:(\d+)/.exec(serving.output())?.[1];
  const token = (await readFile(join(serving.folder, "token"), "utf8")).trim();
  const api = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}/api/v1/${path}`, { ...init, headers: { Authorization: `Bearer ${token}` } });

  const doomed = await startQuickWorker(queue);
  await vi.waitFor(async () => {
    const { models } = modelListSchema.parse(await (await api("models")).json());
    expect(models.map(({ id }) => id)).toContain("starter");
  }, WAIT);
  const status = statusSchema.parse(await (await api("status")).json());
  expect(status).toMatchObject({ device: "cpu", devices: [{ device: "cpu", works: true }] });
  expect(status.devices[0]?.worker).toMatch(/ \(cpu\)$/);

  const request = { task: "create" as const, prompt: "ink", width: 64, height: 64, steps: 12, count: 3 };
  const { id } = jobSchema.parse(await (await api("jobs", await submission({ request }))).json());
  await readEvents(await api(`jobs/${id}/events`), (events) => events.some(({ event }) => event.type === "result"));
  doomed.child.kill("SIGKILL");
  const heir = await startQuickWorker(queue);
  const events = (await readEvents(await api(`jobs/${id}/events`))).map(({ event }) => event);
  const variants = events.flatMap((event) => (event.type === "result" ? [event.result.variant] : []));
  expect(variants).toEqual([0, 1, 2]);
  expect(events.at(-1)?.type).toBe("done");
  for (const variant of variants) expect((await api(`jobs/${id}/results/${variant}`)).status).toBe(200);

  heir.child.kill("SIGTERM");
  expect((await finished(heir.child)).code).toBe(0);
  serving.child.kill("SIGTERM");
  await finished(serving.child);
  const connection = new Redis(queue);
  const left = (await connection.keys("*")).filter((key) => !key.includes(":news:"));
  connection.disconnect();
  expect(left).toEqual([]);
  const logs = [join(serving.folder, "overpaint.1.log"), join(heir.folder, "overpaint-worker.1.log")];
  for (const log of logs) expect(await readFile(log, "utf8")).not.toContain(PASSWORD);
  for (const { output } of [serving, doomed, heir]) expect(output()).not.toContain(PASSWORD);
});

test("a Redis that lets nobody in is said to, without the password that was tried", async () => {
  await using redis = await testRedis({ password: "another" });
  await using folder = await temporaryFolder();
  const queue = redis.url.replace("//", `//:${PASSWORD}@`);
  const { code, stderr } = await finished(startOverpaint(["worker", "--queue", queue, "--device", "cpu"], folder.path));
  expect(code).toBe(2);
  expect(stderr).toMatch(/^overpaint: The Redis at redis:\/\/127.0.0.1:\d+ refuses this name or password\. /m);
  expect(stderr).not.toContain(PASSWORD);
});
