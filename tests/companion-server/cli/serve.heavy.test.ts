import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { JobLedger } from "../../../companion-server/jobs/job-ledger.ts";
import { newJobId } from "../../../companion-server/jobs/job-queue.ts";
import { parseEditRequest } from "../../../companion-server/requests/parse-submission.ts";
import { placeText, provenanceText } from "../../../shared/editing/layer/provenance.ts";
import { withPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { type Job, jobListSchema, jobSchema } from "../../../shared/protocol/api.ts";
import type { EditRequestInput } from "../../../shared/protocol/edit-request.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { pngOf } from "../support/pictures.ts";
import { readEvents } from "../support/read-events.ts";
import { resultOf } from "../support/results.ts";
import { finished, startOverpaint } from "../support/run-overpaint.ts";
import { hasSoftwareVulkan, softwareVulkan } from "../support/software-vulkan.ts";
import { submission } from "../support/submission.ts";

interface Served {
  readonly child: ChildProcess;
  readonly origin: string;
  readonly folder: string;
  readonly output: () => string;
  readonly api: (path: string, init?: RequestInit) => Promise<Response>;
}

interface ServeOptions {
  /** Of the command line. Default: the CPU. */
  readonly drawing?: readonly string[];
  readonly settings?: NodeJS.ProcessEnv;
}

/** @param dataFolder what an earlier companion left; default: nothing */
async function serve(
  port = 0,
  dataFolder?: string,
  { drawing = ["--device", "cpu"], settings = {} }: ServeOptions = {},
): Promise<Served> {
  const folder = dataFolder === undefined ? await folderOfAnyone() : { path: dataFolder, remove: async () => {} };
  const child = startOverpaint(["serve", "--port", String(port), "--no-open", ...drawing], folder.path, settings);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
    await folder.remove();
  });
  const address = /Open http:\/\/localhost:(\d+)\/panel\/[\w-]{43}\/playground\/\n/;
  await vi.waitFor(() => expect(output).toMatch(address), { timeout: 60_000 });
  const origin = `http://127.0.0.1:${address.exec(output)?.[1]}`;
  const token = (await readFile(join(folder.path, "token"), "utf8")).trim();
  const api = (path: string, init: RequestInit = {}) =>
    fetch(`${origin}/api/v1/${path}`, { ...init, headers: { Authorization: `Bearer ${token}` } });
  return { child, origin, folder: folder.path, output: () => output, api };
}

/** People's folders have spaces and letters of their languages. */
async function folderOfAnyone() {
  const { path, remove } = await temporaryFolder();
  const own = join(path, "Zoë's Bilder – 图片");
  await mkdir(own);
  return { path: own, remove };
}

/** A picture of 64 × 64 and a mask over its middle. */
async function edit(request: NonNullable<Parameters<typeof submission>[0]>["request"]) {
  const side = { width: 64, height: 64 };
  const mask = new Uint8Array(64 * 64);
  for (let y = 20; y < 44; y += 1) mask.fill(255, y * 64 + 20, y * 64 + 44);
  const image = await pngOf({ ...side, channels: 3 }, new Uint8Array(64 * 64 * 3).fill(180));
  return submission({ request, image, mask: await pngOf({ ...side, channels: 1 }, mask) });
}

async function submit({ api }: Served, request: Parameters<typeof edit>[0]): Promise<Job> {
  return jobSchema.parse(await (await api("jobs", await edit(request))).json());
}

/** Processes whose parent is `pid`. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.split(" ").filter(Boolean).map(Number);
}

const hasProc = process.platform === "linux";

test("prints the address to open before it has tried the devices, then what it draws on, and stops at SIGTERM", async () => {
  const { child, output } = await serve();
  await vi.waitFor(() => expect(output()).toContain("Draws on"), { timeout: 60_000 });
  const path = /http:\/\/localhost:(\d+)\/(panel\/[\w-]{43})\/playground\//.exec(output());
  expect(output().split("\n").slice(1)).toEqual([
    `In Penpot, install http://127.0.0.1:${path?.[1]}/${path?.[2]}/manifest.json`,
    "Draws on cpu.",
    "",
  ]);
  child.kill("SIGTERM");
  if (process.platform !== "win32") expect((await finished(child)).code).toBe(0);
});

test("draws an edit from upload to layer", async () => {
  const served = await serve();
  const job = await submit(served, { steps: 4, seed: 5 });
  const events = (await readEvents(await served.api(`jobs/${job.id}/events`))).map(({ event }) => event);
  expect(events.map(({ type }) => type)).toEqual(["queued", "started", ...Array(4).fill("step"), "result", "done"]);
  const preview = events.find((event) => event.type === "step" && event.preview);
  expect(preview).toMatchObject({ preview: { url: expect.stringMatching(/^data:image\/webp;base64,/) } });
  const [result] = events.flatMap((event) => (event.type === "done" ? event.results : []));
  expect(result?.recipe).toMatchObject({ seed: 5, engine: { place: "companion", device: "cpu" } });
  const png = new Uint8Array(await (await served.api(`jobs/${job.id}/results/0`)).arrayBuffer());
  const layer = await decodeImage(png, "layer");
  expect(layer).toMatchObject({ width: result?.layer.width, height: result?.layer.height });
  const centre = layer.data[(Math.floor(layer.height / 2) * layer.width + Math.floor(layer.width / 2)) * 4 + 3];
  expect(centre).toBe(255);
});

test.each<[EditRequestInput, object]>([
  [
    { task: "outpaint", left: 8 },
    { width: 72, height: 64 },
  ],
  [
    { task: "restyle", prompt: "ink" },
    { width: 64, height: 64 },
  ],
  [
    { task: "upscale", width: 128, height: 128 },
    { width: 128, height: 128 },
  ],
  [
    { task: "create", prompt: "ink", width: 40, height: 30 },
    { width: 40, height: 30 },
  ],
])("draws %j from upload to picture", async (request, size) => {
  const served = await serve();
  const image = await pngOf({ width: 64, height: 64, channels: 4 }, new Uint8Array(64 * 64 * 4).fill(180));
  const parts = request.task === "create" ? {} : { image };
  const upload = await submission({ request: { ...request, steps: 2 }, ...parts });
  const { id } = jobSchema.parse(await (await served.api("jobs", upload)).json());
  const last = (await readEvents(await served.api(`jobs/${id}/events`))).at(-1)?.event;
  expect(last).toMatchObject({ type: "done", results: [{ pixels: size, recipe: { plan: { task: request.task } } }] });
  const png = await (await served.api(`jobs/${id}/results/0`)).bytes();
  expect(await decodeImage(png, "result")).toMatchObject(size);
});

test.runIf(hasSoftwareVulkan)(
  "draws on two devices at the same time, a job on each",
  async () => {
    const folder = await folderOfAnyone();
    onTestFinished(folder.remove);
    // A software adapter takes seconds for a step of anything larger.
    await cp(inRepository("tests/fixtures/tiny-pack"), join(folder.path, "models/tiny"), { recursive: true });
    const drawing = ["--device", "webgpu,cpu"];
    const served = await serve(0, folder.path, { drawing, settings: await softwareVulkan() });
    const long = await submit(served, { task: "inpaint", model: "tiny", steps: 150 });
    const short = await submit(served, { task: "inpaint", model: "tiny", steps: 1 });
    const eventsOf = async (id: string, until?: string) =>
      readEvents(await served.api(`jobs/${id}/events`), (all) => all.at(-1)?.event.type === until);
    const [first, second] = await Promise.all([eventsOf(long.id, "step"), eventsOf(short.id)]);
    expect(first).toContainEqual({ id: 2, event: { type: "started", device: "webgpu", model: "tiny", attempt: 1 } });
    expect(second).toContainEqual({ id: 2, event: { type: "started", device: "cpu", model: "tiny", attempt: 1 } });
    expect(second.at(-1)?.event.type).toBe("done");
    expect((await (await served.api(`jobs/${long.id}`)).json()).state).toBe("running");
    expect(await (await served.api("status")).json()).toMatchObject({
      device: "webgpu, cpu",
      devices: [{ device: "webgpu" }, { device: "cpu" }],
    });
  },
  120_000,
);

test("answers status while it draws, and cancels between steps", async () => {
  const served = await serve();
  const job = await submit(served, { steps: 150, count: 16 });
  await readEvents(await served.api(`jobs/${job.id}/events`), (events) => events.at(-1)?.event.type === "step");
  expect(await (await served.api("status")).json()).toMatchObject({ name: "overpaint", activeJobs: 1 });
  const cancelled = jobSchema.parse(await (await served.api(`jobs/${job.id}`, { method: "DELETE" })).json());
  expect(cancelled.state).toBe("cancelled");
});

test.runIf(hasProc)("survives its engine being killed in the middle of a step and finishes the job", async () => {
  const served = await serve();
  const job = await submit(served, { steps: 60 });
  await readEvents(await served.api(`jobs/${job.id}/events`), (events) => events.at(-1)?.event.type === "step");
  const [engine] = await childrenOf(served.child.pid!);
  process.kill(engine!, "SIGKILL");
  const events = (await readEvents(await served.api(`jobs/${job.id}/events`))).map(({ event }) => event);
  expect(events.filter((event) => event.type === "started").map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(events.at(-1)?.type).toBe("done");
});

test.runIf(hasProc)("its engine ends with it, even when it is killed", async () => {
  const served = await serve();
  const job = await submit(served, { steps: 150, count: 16 });
  await readEvents(await served.api(`jobs/${job.id}/events`), (events) => events.at(-1)?.event.type === "step");
  const [engine] = await childrenOf(served.child.pid!);
  served.child.kill("SIGKILL");
  await vi.waitFor(() => expect(() => process.kill(engine!, 0)).toThrow("ESRCH"), { timeout: 10_000 });
});

test("says what holds the port and takes the next", async () => {
  const blocker = createServer((_request, response) => void response.end("hello"));
  onTestFinished(() => void blocker.close());
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const { port } = blocker.address() as AddressInfo;
  const { output } = await serve(port);
  expect(output()).toMatch(new RegExp(`overpaint: port ${port} is held by another program. Using \\d+ instead.`));
});

test("names another companion that holds the port", async () => {
  const first = await serve();
  const second = await serve(Number(new URL(first.origin).port));
  expect(second.output()).toMatch(/is held by another Overpaint \(.+\), which also works/);
  expect(second.origin).not.toBe(first.origin);
});

test("a companion that is killed while it draws finishes the job when it is started again", async () => {
  const killed = await serve();
  const finishedJob = await submit(killed, { steps: 2 });
  await readEvents(await killed.api(`jobs/${finishedJob.id}/events`));
  const job = await submit(killed, { steps: 40 });
  await readEvents(await killed.api(`jobs/${job.id}/events`), (events) => events.at(-1)?.event.type === "step");
  killed.child.kill("SIGKILL");
  await once(killed.child, "exit");

  const served = await serve(0, killed.folder);
  expect(served.output()).not.toContain("another Overpaint");
  const events = (await readEvents(await served.api(`jobs/${job.id}/events`))).map(({ event }) => event);
  expect(events.at(-1)?.type).toBe("done");
  for (const { id } of [job, finishedJob]) expect((await served.api(`jobs/${id}/results/0`)).status).toBe(200);
});

test("a second companion on the same data says that it keeps no records, and draws all the same", async () => {
  const first = await serve();
  const second = await serve(0, first.folder);
  expect(second.output()).toContain("The jobs of this one are forgotten when it stops.");
  const job = await submit(second, { steps: 2 });
  expect((await readEvents(await second.api(`jobs/${job.id}/events`))).at(-1)?.event.type).toBe("done");
  expect(await (await first.api("jobs")).json()).toEqual({ jobs: [] });
});

test("a panel that comes back finds the job it left", async () => {
  const served = await serve();
  const { id } = await submit(served, { steps: 3 });
  await readEvents(await served.api(`jobs/${id}/events`));
  const { jobs } = jobListSchema.parse(await (await served.api("jobs")).json());
  expect(jobs).toMatchObject([{ id, state: "done", acknowledged: false }]);
  expect(await readdir(join(served.folder, "jobs"))).toEqual([id]);
});

/** A disk of a megabyte, where the system lets this process make one. */
async function tinyDisk(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const { path, remove } = await temporaryFolder();
  onTestFinished(remove);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", path]);
  if (status !== 0) return undefined;
  onTestFinished(() => void spawnSync("umount", ["--lazy", path]));
  return path;
}

test("starts on a full disk, hands its results out and refuses jobs, and on a damaged folder, and loses nothing", async ({
  skip,
}) => {
  const disk = (await tinyDisk()) ?? skip("needs a system that lets it make a disk");
  await writeFile(join(disk, "token"), "t".repeat(43)); // an earlier start made it
  const id = newJobId();
  const ledger = JobLedger.open(join(disk, "jobs.db"));
  const request = parseEditRequest({ task: "create", width: 32, height: 32 });
  ledger.accept({ id, submission: { request }, parts: [] }, 1);
  ledger.begin(id);
  ledger.commit(id, resultOf(request, 0));
  ledger.finish(id, { type: "done", results: [resultOf(request, 0)] }, 1);
  ledger.close();
  await mkdir(join(disk, "jobs", id, "results"), { recursive: true });
  const text = [...provenanceText(resultOf(request, 0).recipe), placeText(resultOf(request, 0))];
  const picture = withPngText(await pngOf({ width: 8, height: 8, channels: 4 }), text);
  await writeFile(join(disk, "jobs", id, "results/0.png"), picture);
  await writeFile(join(disk, "filler"), new Uint8Array(2 ** 20)).catch(() => {});

  const expectResult = async (served: Served) => {
    const { jobs } = jobListSchema.parse(await (await served.api("jobs")).json());
    expect(jobs).toMatchObject([{ id, state: "done", acknowledged: false, lastEvent: { results: [{ variant: 0 }] } }]);
    expect(await (await served.api(`jobs/${id}/results/0`)).bytes()).toEqual(picture);
  };
  const full = await serve(0, disk);
  await expectResult(full);
  expect((await full.api("jobs", await submission({ request }))).status).toBe(507);
  expect((await full.api("status")).status).toBe(200);
  full.child.kill("SIGTERM");
  await once(full.child, "exit");

  await rm(join(disk, "filler"));
  for (const file of ["jobs.db", "lock.db", "model-hashes.json"])
    await writeFile(join(disk, file), "scribble ".repeat(99));
  const damaged = await serve(0, disk);
  expect(damaged.output()).toContain("The records of earlier jobs could not be used");
  await expectResult(damaged);
  expect((await readdir(disk)).filter((name) => name.startsWith("jobs.db.set-aside"))).toHaveLength(1);

  // A disk that fills while it runs keeps it from ending no more.
  await writeFile(join(disk, "filler"), new Uint8Array(2 ** 20)).catch(() => {});
  damaged.child.kill("SIGTERM");
  expect(await once(damaged.child, "exit")).toEqual([0, null]);
});

test("says in one line what is wrong with a data folder", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "file");
  await writeFile(file, "");
  for (const data of [file, join(file, "below")]) {
    const { code, stderr } = await finished(startOverpaint(["serve", "--no-open", "--data", data], folder.path));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^overpaint: The data folder .* Name a folder you may write to with --data.*\n$/);
  }
});

test("serves the panel where neither the database nor the runtime has a binary, and says that it draws in the browser", async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const withoutBinaries = join(folder.path, "without-binaries.mjs");
  await writeFile(
    withoutBinaries,
    `import Module from "node:module";
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (request, ...rest) {
      if (!/^@libsql\\/|onnxruntime_binding/.test(request)) return resolve.call(this, request, ...rest);
      throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: "MODULE_NOT_FOUND" });
    };`,
  );
  const args = ["serve", "--port", "0", "--no-open"];
  const child = startOverpaint(args, folder.path, { NODE_OPTIONS: `--import=${pathToFileURL(withoutBinaries)}` });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await finished(child);
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (output += text));
  await vi.waitFor(() => expect(output).toContain("draws in the browser instead"), { timeout: 60_000 });
  expect(output).toMatch(/has no binary for/);
  const playground = /http:\/\/localhost:\S+\/playground\//.exec(output)?.[0] ?? "";
  expect((await fetch(playground)).status).toBe(200);
  const panel = new URL("../ui/", playground.replace("localhost", "127.0.0.1"));
  expect(await (await fetch(panel)).text()).toContain("overpaint-token");
  expect(await (await fetch(new URL("../models/starter/model_index.json", panel))).json()).toBeTypeOf("object");
  expect(await (await fetch(new URL("/api/v1/status", panel))).json()).toMatchObject({ device: "none" });
});
