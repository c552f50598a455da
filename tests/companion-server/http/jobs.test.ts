import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DiskArtifacts } from "../../../companion-server/jobs/artifacts.ts";
import { errorBodySchema, type Job, jobListSchema, jobSchema } from "../../../shared/protocol/api.ts";
import type { EditRequestInput } from "../../../shared/protocol/edit-request.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { pngOf, pngThatClaims } from "../support/pictures.ts";
import { readEvents } from "../support/read-events.ts";
import { type SubmissionParts, submission } from "../support/submission.ts";
import { type TestCompanion, TOKEN, testCompanion } from "../support/test-companion.ts";

async function submit(companion: TestCompanion, parts: SubmissionParts = {}): Promise<Job> {
  const response = await companion.api("jobs", await submission(parts));
  expect(response.status).toBe(202);
  return jobSchema.parse(await response.json());
}

async function finish(companion: TestCompanion, { id }: Job): Promise<Job> {
  await readEvents(await companion.api(`jobs/${id}/events`));
  return jobSchema.parse(await (await companion.api(`jobs/${id}`)).json());
}

async function refusal(companion: TestCompanion, init: RequestInit) {
  const response = await companion.api("jobs", init);
  const { error } = errorBodySchema.parse(await response.json());
  return { status: response.status, ...error };
}

/** Nothing of a refused upload may stay. */
async function expectNoFiles({ folder }: TestCompanion) {
  expect(await readdir(join(folder, "jobs")).catch(() => [])).toEqual([]);
}

test("takes an edit, draws it and keeps its result until it is acknowledged", async () => {
  await using companion = await testCompanion();
  const image = await pngOf({ width: 8, height: 8, channels: 4 });
  const job = await submit(companion, { image });
  expect(job).toMatchObject({ state: "queued", source: { width: 8, height: 8 }, acknowledged: false });

  const done = await finish(companion, job);
  expect(done).toMatchObject({ state: "done", lastEvent: { type: "done", results: [{ variant: 0 }] } });
  const result = await companion.api(`jobs/${job.id}/results/0`);
  expect(result.headers.get("content-type")).toBe("image/png");
  expect(new Uint8Array(await result.arrayBuffer())).toEqual(image); // what the scripted engine hands back

  expect((await companion.api(`jobs/${job.id}/acknowledge`, { method: "POST" })).status).toBe(200);
  expect((await companion.api(`jobs/${job.id}/results/0`)).status).toBe(404);
  const list = jobListSchema.parse(await (await companion.api("jobs")).json());
  expect(list.jobs).toMatchObject([{ id: job.id, state: "done", acknowledged: true }]);
  await expectNoFiles(companion);
});

test("says at once how long an edit will take, once such edits were drawn", async () => {
  await using companion = await testCompanion();
  const first = await submit(companion);
  expect(first.drawingMs).toBeUndefined();
  await finish(companion, first);
  expect((await submit(companion)).drawingMs).toBeGreaterThan(0);
});

test("gives the mask of an edit back as it came, until the result is acknowledged", async () => {
  await using companion = await testCompanion();
  const mask = await pngOf({ width: 8, height: 8, channels: 4 });
  const job = await submit(companion, { mask });
  const answer = await companion.api(`jobs/${job.id}/mask`);
  expect(answer.headers.get("content-type")).toContain("application/octet-stream");
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(mask);
  await finish(companion, job);
  await companion.api(`jobs/${job.id}/acknowledge`, { method: "POST" });
  expect((await companion.api(`jobs/${job.id}/mask`)).status).toBe(404);

  const created = await submit(companion, { request: { task: "create", width: 32, height: 48 } });
  const missing = await companion.api(`jobs/${created.id}/mask`);
  expect(missing.status).toBe(404);
  expect(errorBodySchema.parse(await missing.json()).error.code).toBe("not-found");
});

test("gives the style picture of a restyle back as it came, and says where there was none", async () => {
  await using companion = await testCompanion();
  const reference = await pngOf({ width: 5, height: 9, channels: 3 });
  const request = { task: "restyle" as const };
  const job = await submit(companion, { request, reference });
  const answer = await companion.api(`jobs/${job.id}/reference`);
  expect(answer.headers.get("content-type")).toContain("application/octet-stream");
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(reference);

  const plain = await submit(companion, { request });
  const missing = await companion.api(`jobs/${plain.id}/reference`);
  expect(missing.status).toBe(404);
  expect(errorBodySchema.parse(await missing.json()).error).toMatchObject({
    code: "not-found",
    message: `Job ${plain.id} has no reference.`,
  });
});

test("says that a picture is not there only where it is not, and why it cannot be sent otherwise", async () => {
  await using companion = await testCompanion();
  const { id } = await submit(companion);
  const errorOf = async (response: Response) => {
    expect(response.headers.get("content-type")).toContain("application/json");
    return { status: response.status, ...errorBodySchema.parse(await response.json()).error };
  };
  const beyond = await companion.api(`jobs/${id}/mask`, { headers: { Range: "bytes=1000000-" } });
  expect(await errorOf(beyond)).toMatchObject({ status: 400, code: "invalid-request" });
  const mask = companion.artifacts.partFile(id, "mask");
  await rm(mask);
  expect(await errorOf(await companion.api(`jobs/${id}/mask`))).toMatchObject({ status: 404, code: "not-found" });
  await mkdir(mask);
  expect(await errorOf(await companion.api(`jobs/${id}/mask`))).toMatchObject({ status: 500, code: "internal" });
});

test("lists jobs with the newest first, for a panel that opens later", async () => {
  await using companion = await testCompanion();
  const first = await finish(companion, await submit(companion));
  const second = await finish(companion, await submit(companion));
  const { jobs } = jobListSchema.parse(await (await companion.api("jobs")).json());
  expect(jobs.map(({ id }) => id)).toEqual([second.id, first.id]);
  await companion.api(`jobs/${second.id}/acknowledge`, { method: "POST" });
  for (const [acknowledged, { id }] of [
    [true, second],
    [false, first],
  ] as const) {
    const list = await companion.api(`jobs?acknowledged=${acknowledged}`);
    expect(jobListSchema.parse(await list.json()).jobs.map((job) => job.id)).toEqual([id]);
  }
});

test.each(["-1", "1", "0.5", "x", "..%2fimage"])("has no result %s of a job with one variant", async (variant) => {
  await using companion = await testCompanion();
  const job = await finish(companion, await submit(companion));
  expect((await companion.api(`jobs/${job.id}/results/${variant}`)).status).toBe(404);
});

test.each<[string, number, string, SubmissionParts]>([
  ["an image that is none", 422, "unreadable-image", { image: new TextEncoder().encode("hello") }],
  ["an empty image", 422, "unreadable-image", { image: new Uint8Array() }],
  ["a gigantic declared size", 413, "image-too-large", { image: pngThatClaims(20_000, 20_000) }],
  ["a mask that is no picture", 422, "unreadable-image", { mask: new TextEncoder().encode("hello") }],
  ["an unknown model", 404, "unknown-model", { request: { model: "nope" } }],
  ["a model that is a path", 400, "invalid-request", { request: { model: "../../etc" } }],
  ["a prompt of 10,000 characters", 400, "prompt-too-long", { request: { prompt: "x".repeat(10_000) } }],
  ["zero steps", 400, "invalid-request", { request: { steps: 0 } }],
])("refuses %s and keeps nothing of it", async (_name, status, code, parts) => {
  await using companion = await testCompanion();
  expect(await refusal(companion, await submission(parts))).toMatchObject({ status, code });
  await expectNoFiles(companion);
});

test("refuses a part without a name", async () => {
  await using companion = await testCompanion();
  const body = "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n";
  for (const disposition of ["form-data", 'form-data; filename="a.png"']) {
    const init = {
      method: "POST",
      body: body.replace("form-data", disposition),
      headers: { "Content-Type": "multipart/form-data; boundary=x" },
    };
    expect(await refusal(companion, init)).toMatchObject({ status: 400, code: "invalid-request" });
  }
  await expectNoFiles(companion);
});

test("says where the fields are described that a request gets wrong", async () => {
  await using companion = await testCompanion();
  const { remedy } = await refusal(companion, await submission({ request: { steps: 0 } }));
  expect(remedy).toContain("/api/v1/openapi.json");
});

// Writing to this file fails as on a full disk.
test.runIf(existsSync("/dev/full"))("says that the disk is full when a picture cannot be kept", async () => {
  await using folder = await temporaryFolder();
  const artifacts = new DiskArtifacts(join(folder.path, "jobs"));
  await using companion = await testCompanion({
    artifacts: Object.assign(artifacts, { partFile: () => "/dev/full" }),
  });
  expect(await refusal(companion, await submission())).toMatchObject({
    status: 507,
    code: "disk-full",
    message: "The disk is full.",
    remedy: expect.any(String),
  });
});

test("names both sizes of a mask that does not fit", async () => {
  await using companion = await testCompanion();
  const mask = await pngOf({ width: 7, height: 9, channels: 1 });
  const { code, message } = await refusal(companion, await submission({ mask }));
  expect(code).toBe("mask-size-mismatch");
  expect(message).toBe("The mask is 7×9, the image 8×8.");
});

test("takes an empty prompt and a 1×1 image", async () => {
  await using companion = await testCompanion();
  const pixel = await pngOf({ width: 1, height: 1, channels: 1 });
  const job = await submit(companion, { image: pixel, mask: pixel });
  expect((await finish(companion, job)).state).toBe("done");
});

test("takes the request as a plain field too", async () => {
  await using companion = await testCompanion();
  const init = await submission();
  (init.body as FormData).set("request", '{ "request": { "task": "inpaint" } }');
  expect((await companion.api("jobs", init)).status).toBe(202);
});

test("refuses a file beyond the limit without keeping it", async () => {
  await using companion = await testCompanion({ maxUploadBytes: 1000 });
  const answer = await refusal(companion, await submission({ image: new Uint8Array(5_000_000) }));
  expect(answer).toMatchObject({ status: 413, code: "upload-too-large" });
  await expectNoFiles(companion);
});

test.each([
  ["a file", new Blob([`"${"x".repeat(5_000_000)}"`])],
  ["a field", `"${"x".repeat(5_000_000)}"`],
])("refuses a request part of megabytes sent as %s", async (_name, content) => {
  await using companion = await testCompanion();
  const init = await submission();
  (init.body as FormData).set("request", content as string);
  expect(await refusal(companion, init)).toMatchObject({ status: 413, code: "upload-too-large" });
});

test.each(["request", "image", "mask"])("names the missing part %s", async (name) => {
  await using companion = await testCompanion();
  const init = await submission();
  (init.body as FormData).delete(name);
  expect(await refusal(companion, init)).toMatchObject({ status: 400, message: `The part ${name} is missing.` });
});

test.each<EditRequestInput>([
  { task: "outpaint", left: 4 },
  { task: "restyle" },
  { task: "upscale", width: 16, height: 16 },
])("takes an image and nothing else for $task", async (request) => {
  await using companion = await testCompanion();
  const job = await submit(companion, { request });
  expect(job).toMatchObject({ request, source: { width: 8, height: 8 } });
  expect((await finish(companion, job)).state).toBe("done");

  const mask = await pngOf({ width: 8, height: 8, channels: 1 });
  const extra = await refusal(companion, await submission({ request, mask }));
  expect(extra).toMatchObject({ status: 400, message: `The part mask is not expected for ${request.task}.` });
  const init = await submission({ request });
  (init.body as FormData).delete("image");
  expect(await refusal(companion, init)).toMatchObject({ status: 400, message: "The part image is missing." });
});

test("takes a reference of any size for restyle only, and looks at its header", async () => {
  await using companion = await testCompanion();
  const reference = await pngOf({ width: 3, height: 5, channels: 3 });
  const restyled = await submit(companion, { request: { task: "restyle" }, reference });
  expect((await finish(companion, restyled)).state).toBe("done");
  const huge = await submission({ request: { task: "restyle" }, reference: pngThatClaims(20_000, 20_000) });
  expect(await refusal(companion, huge)).toMatchObject({ status: 413, code: "image-too-large" });
  expect(await refusal(companion, await submission({ reference }))).toMatchObject({ status: 400 });
});

test("creates a picture from no parts at all", async () => {
  await using companion = await testCompanion();
  const request = { task: "create", width: 32, height: 48 } as const;
  const job = await submit(companion, { request });
  expect(job).not.toHaveProperty("source");
  expect((await finish(companion, job)).state).toBe("done");
  const image = await pngOf({ width: 8, height: 8, channels: 4 });
  expect(await refusal(companion, await submission({ request, image }))).toMatchObject({
    status: 400,
    message: "The part image is not expected for create.",
    remedy: expect.stringContaining("For create send: request, reference (optional)"),
  });
});

test.each<EditRequestInput>([
  { task: "outpaint", left: 16_380, right: 16_380 },
  { task: "upscale", width: 16_000, height: 16_000 },
])("refuses a result that Penpot would not take before anything is drawn: %j", async (request) => {
  await using companion = await testCompanion();
  const answer = await refusal(companion, await submission({ request }));
  expect(answer).toMatchObject({ status: 413, code: "image-too-large" });
  await expectNoFiles(companion);
});

test.each(["image", "other", "__proto__"])("refuses a second or unknown part %s", async (name) => {
  await using companion = await testCompanion();
  const init = await submission();
  (init.body as FormData).append(name, new Blob(["x"]), "x");
  expect(await refusal(companion, init)).toMatchObject({ status: 400, code: "invalid-request" });
  await expectNoFiles(companion);
});

test.each([
  ["no body", {}],
  ["JSON", { body: "{}", headers: { "Content-Type": "application/json" } }],
  ["no boundary", { body: "--", headers: { "Content-Type": "multipart/form-data" } }],
  ["a body cut off", { body: "--b\r\nContent-", headers: { "Content-Type": "multipart/form-data; boundary=b" } }],
  [
    "request that is not JSON",
    { body: badRequestPart(), headers: { "Content-Type": "multipart/form-data; boundary=b" } },
  ],
])("refuses an upload that is %s", async (_name, init) => {
  await using companion = await testCompanion();
  expect(await refusal(companion, { method: "POST", ...init })).toMatchObject({ status: 400, code: "invalid-request" });
  await expectNoFiles(companion);
});

function badRequestPart(): string {
  const part = (name: string, text: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"; filename="f"\r\n\r\n${text}\r\n`;
  return `${part("request", "{")}${part("image", "")}${part("mask", "")}--b--\r\n`;
}

test("survives a client that goes in the middle of an upload and keeps nothing of it", async () => {
  await using companion = await testCompanion();
  await new Promise<void>((resolve) => {
    const headers = {
      Authorization: `Bearer ${TOKEN}`,
      "Content-Type": "multipart/form-data; boundary=b",
      "Content-Length": "100000",
    };
    const upload = httpRequest({ port: companion.port, path: "/api/v1/jobs", method: "POST", headers });
    upload.on("error", () => resolve());
    upload.write('--b\r\nContent-Disposition: form-data; name="image"; filename="f"\r\n\r\nabc', () =>
      upload.destroy(),
    );
    upload.on("close", () => resolve());
  });
  await vi.waitFor(() => expectNoFiles(companion), { timeout: 4_000 });
  expect((await fetch(`${companion.origin}/api/v1/status`)).status).toBe(200);
});
