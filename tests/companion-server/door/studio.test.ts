import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { keyringOf } from "../../../companion-server/door/keyring.ts";
import { MAX_OPEN_REQUESTS, MAX_WAITING_JOBS } from "../../../companion-server/door/limits.ts";
import { NamedTokens } from "../../../companion-server/door/named-tokens.ts";
import { modelRoutes } from "../../../companion-server/http/model-routes.ts";
import { errorBodySchema, type Job, jobListSchema, jobSchema, statusSchema } from "../../../shared/protocol/api.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { ask } from "../support/ask.ts";
import { submission } from "../support/submission.ts";
import { type TestCompanion, TOKEN, testCompanion } from "../support/test-companion.ts";

async function studio(door: Parameters<typeof testCompanion>[0] = {}) {
  const folder = await temporaryFolder();
  const tokens = new NamedTokens(folder.path);
  const [anna, bert] = [await tokens.add("anna", 1), await tokens.add("bert", 1)];
  const companion = await testCompanion({ keyring: keyringOf(TOKEN, tokens), ...door });
  return {
    companion,
    anna,
    bert,
    tokens,
    tokensFile: join(folder.path, "tokens.json"),
    async [Symbol.asyncDispose]() {
      await companion[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

function as(token: string, companion: TestCompanion) {
  return (path: string, init: RequestInit = {}) =>
    fetch(`${companion.origin}/api/v1/${path}`, { ...init, headers: { Authorization: `Bearer ${token}` } });
}

async function submit(api: ReturnType<typeof as>, steps = 1): Promise<Job> {
  const upload = await submission({ script: { steps } });
  return jobSchema.parse(await (await api("jobs", upload)).json());
}

test("shows each person only their own jobs, and hides others' by every path", async () => {
  await using all = await studio();
  const [anna, bert] = [as(all.anna, all.companion), as(all.bert, all.companion)];
  const job = await submit(anna);
  const idsOf = async (api: typeof anna) =>
    jobListSchema.parse(await (await api("jobs")).json()).jobs.map(({ id }) => id);
  expect(await idsOf(anna)).toEqual([job.id]);
  for (const other of [bert, as(TOKEN, all.companion)]) {
    expect(await idsOf(other)).toEqual([]);
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/events"],
      ["GET", "/results/0"],
      ["GET", "/mask"],
      ["DELETE", ""],
      ["POST", "/acknowledge"],
    ] as const)
      expect((await other(`jobs/${job.id}${path}`, { method })).status).toBe(404);
  }
  expect((await anna(`jobs/${job.id}`)).status).toBe(200);
});

test("takes only so many waiting jobs of one person, and still another's", async () => {
  await using all = await studio();
  const [anna, bert] = [as(all.anna, all.companion), as(all.bert, all.companion)];
  const upload = () => submission({ script: { delay: 2_000 } });
  for (let k = 0; k < MAX_WAITING_JOBS; k += 1) expect((await anna("jobs", await upload())).status).toBe(202);
  const refused = await anna("jobs", await upload());
  expect(refused.status).toBe(429);
  expect(errorBodySchema.parse(await refused.json()).error.code).toBe("too-many-requests");
  expect((await bert("jobs", await upload())).status).toBe(202);
});

test("takes no more waiting jobs of one person when they all come at once", async () => {
  await using all = await studio();
  const anna = as(all.anna, all.companion);
  const uploads = Array.from({ length: MAX_WAITING_JOBS + 10 }, () => submission({ script: { delay: 2_000 } }));
  const answers = await Promise.all(uploads.map(async (upload) => await anna("jobs", await upload)));
  const taken = answers.filter(({ status }) => status === 202);
  expect(taken).toHaveLength(MAX_WAITING_JOBS);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 429]));
});

test("holds only so many connections open for one person, and still another's", async () => {
  await using all = await studio();
  const [anna, bert] = [as(all.anna, all.companion), as(all.bert, all.companion)];
  const upload = await submission({ script: { delay: 60_000 } });
  const { id } = jobSchema.parse(await (await anna("jobs", upload)).json());
  const ended = new AbortController();
  const follow = () => anna(`jobs/${id}/events`, { signal: ended.signal });
  for (let k = 0; k < MAX_OPEN_REQUESTS; k += 1) expect((await follow()).status).toBe(200);
  expect((await follow()).status).toBe(429);
  expect((await bert("jobs")).status).toBe(200);
  ended.abort();
  await vi.waitFor(async () => expect((await anna("jobs")).status).toBe(200), { timeout: 10_000 });
});

test("answers one person only so often within a minute, and still another", async () => {
  await using all = await studio();
  const [anna, bert] = [as(all.anna, all.companion), as(all.bert, all.companion)];
  for (let k = 0; k < 12; k += 1) await Promise.all(Array.from({ length: 100 }, () => anna("jobs")));
  expect((await anna("jobs")).status).toBe(429);
  expect((await bert("jobs")).status).toBe(200);
  expect((await as(TOKEN, all.companion)("jobs")).status).toBe(200);
});

test("lets those whose token it knows in while the file of tokens is damaged, and tells nobody where that lies", async () => {
  await using all = await studio();
  const anna = as(all.anna, all.companion);
  expect((await anna("jobs")).status).toBe(200);
  await writeFile(all.tokensFile, "{");
  expect((await anna("jobs")).status).toBe(200);
  const stranger = await as("somebody-elses-token", all.companion)("jobs");
  expect(stranger.status).toBe(401);
  expect(await stranger.text()).not.toContain("tokens");
});

test("lets nobody in with a token that was taken back, while it runs", async () => {
  await using all = await studio();
  const anna = as(all.anna, all.companion);
  expect((await anna("jobs")).status).toBe(200);
  await all.tokens.remove("anna");
  expect((await anna("jobs")).status).toBe(401);
});

/** What changes something, and what has the hub asked with the owner's token. */
const ofTheOwner = Object.entries(modelRoutes).filter(
  ([id, { method }]) => method !== "get" || id === "findModelUpdate",
);
test.each(ofTheOwner)("lets its owner alone %s", async (_operation, { method, path }) => {
  await using all = await studio();
  const address = path.slice(1).replace("{id}", "nothing");
  const status = async (token: string) => (await as(token, all.companion)(address, { method })).status;
  expect(await status(all.anna)).toBe(401);
  expect([400, 404]).toContain(await status(TOKEN));
});

test("stops listening to an address that guesses tokens, even when a guess is right", async () => {
  await using all = await studio();
  const statuses = new Set<number>();
  for (let k = 0; k < 70; k += 1) statuses.add((await as(`guess-number-${k}`, all.companion)("jobs")).status);
  expect([...statuses]).toEqual([401, 429]);
  expect((await as(all.anna, all.companion)("jobs")).status).toBe(429);
  expect((await fetch(`${all.companion.origin}/panel/${all.anna}/ui/`)).status).toBe(429);
  expect((await fetch(`${all.companion.origin}/api/v1/status`)).status).toBe(200);
});

test("counts guesses in the panel's path too", async () => {
  await using all = await studio();
  for (let k = 0; k < 70; k += 1) await fetch(`${all.companion.origin}/panel/guess-${k}/ui/`);
  expect((await as(all.anna, all.companion)("jobs")).status).toBe(429);
});

test("answers behind a proxy under the origins it was told, and no other", async () => {
  await using all = await studio({ door: { type: "proxy", origins: ["https://paint.example"] } });
  const authorization = { Authorization: `Bearer ${all.anna}` };
  const status = async (headers: Record<string, string>, path = "/api/v1/jobs") =>
    (await ask(all.companion, path, { ...authorization, ...headers })).status;
  const host = { Host: "paint.example" };
  expect(await status(host)).toBe(200);
  expect(await status({ ...host, Origin: "https://paint.example" })).toBe(200);
  expect(await status({ ...host, Origin: "http://paint.example" })).toBe(403);
  expect(await status({ ...host, Origin: "https://evil.example" })).toBe(403);
  for (const other of ["localhost", `127.0.0.1:${all.companion.port}`, "evil.example"])
    expect(await status({ Host: other })).toBe(403);
  expect(await status(host, "/playground/")).toBe(404);
  expect(await status({ Host: "10.0.0.1" }, "/health")).toBe(200);
});

test("tells proxied addresses apart when it counts guesses", async () => {
  await using all = await studio({ door: { type: "proxy", origins: ["https://paint.example"] } });
  const from = (address: string, token: string) =>
    ask(all.companion, "/api/v1/jobs", {
      Host: "paint.example",
      "X-Forwarded-For": address,
      Authorization: `Bearer ${token}`,
    });
  for (let k = 0; k < 70; k += 1) await from("192.0.2.1", `guess-${k}`);
  expect((await from("192.0.2.1", all.anna)).status).toBe(429);
  expect((await from("192.0.2.2", all.anna)).status).toBe(200);
});

test("imports no file by its path for a machine that a proxy speaks for", async () => {
  await using all = await studio({ door: { type: "proxy", origins: ["https://paint.example"] } });
  const importFrom = async (address: string) => {
    const headers = { Host: "paint.example", "X-Forwarded-For": address, Authorization: `Bearer ${TOKEN}` };
    const content = JSON.stringify({ type: "import", path: "/nothing/here" });
    return (await ask(all.companion, "/api/v1/models/tasks", headers, "POST", content)).status;
  };
  expect(await importFrom("192.0.2.1")).toBe(401);
  // Whoever asks a proxy may claim to speak for somebody else; the proxy's own word comes last.
  expect(await importFrom("127.0.0.1, 192.0.2.1")).toBe(401);
  expect(await importFrom("127.0.0.1")).toBe(202);
});

test("shows its numbers to its owner alone", async () => {
  await using all = await studio();
  const read = (token: string) =>
    fetch(`${all.companion.origin}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await fetch(`${all.companion.origin}/metrics`)).status).toBe(401);
  expect((await read(all.anna)).status).toBe(401);
  expect((await read(TOKEN)).status).toBe(200);
});

test("tells everybody what they may use: not its owner's, and without a right token little", async () => {
  await using all = await studio();
  const operations = async (headers: Record<string, string>) =>
    statusSchema.parse(await (await fetch(`${all.companion.origin}/api/v1/status`, { headers })).json()).operations;
  const asked = (token: string) => operations({ Authorization: `Bearer ${token}` });
  const owners = ofTheOwner.map(([id]) => id);
  expect(await asked(TOKEN)).toEqual(expect.arrayContaining([...owners, "createJob", "listModels"]));
  expect(await asked(all.anna)).toEqual(expect.arrayContaining(["createJob", "listModels", "listModelTasks"]));
  expect((await asked(all.anna)).filter((id) => owners.includes(id))).toEqual([]);
  for (const nobody of [await operations({}), await asked("somebody-elses-token")])
    expect(nobody).toEqual(["getStatus", "getDocument"]);
});

test("counts guesses of tokens in status too, and answers it then as to nobody", async () => {
  await using all = await studio();
  const status = (token: string) => as(token, all.companion)("status");
  for (let k = 0; k < 70; k += 1) expect((await status(`guess-number-${k}`)).status).toBe(200);
  expect((await as(all.anna, all.companion)("jobs")).status).toBe(429);
  expect(statusSchema.parse(await (await status(all.anna)).json()).operations).toEqual(["getStatus", "getDocument"]);
});
