import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { keyringOf } from "../../../companion-server/door/keyring.ts";
import { NamedTokens } from "../../../companion-server/door/named-tokens.ts";
import { WITHHELD, withoutPaths } from "../../../companion-server/door/withhold-paths.ts";
import { type RouteDescription, routes } from "../../../companion-server/http/routes.ts";
import { jobIdSchema, type ModelSummary } from "../../../shared/protocol/api.ts";
import { pictureHandleSchema } from "../../../shared/protocol/selection.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { submission } from "../support/submission.ts";
import { TOKEN, testCompanion } from "../support/test-companion.ts";

describe("words without the paths of a machine", () => {
  test.each([
    "There is nothing at /home/anna smith/My Models/ink.safetensors.",
    "/srv/models is no model's folder.",
    "ENOENT: no such file or directory, open '/srv/models/a'",
    "cannot open:/srv/models/a",
    "Its log is ~/overpaint/overpaint.1.log.",
    "There is nothing at C:\\Users\\Anna\\ink.safetensors.",
    'Cannot find "d:/models/ink.safetensors"',
    "It came from \\\\server\\share\\ink.safetensors.",
    "imported from file:///srv/models/a",
  ])("withholds %j whole: nobody can tell where a path with spaces ends", (text) => {
    expect(withoutPaths(text)).toBe(WITHHELD);
  });

  test.each([
    "someone/tiny-model",
    "unet/model.onnx is missing.",
    "../starter/unet/model.onnx",
    "4/3 of the width, and/or 30 s / step",
    "See https://huggingface.co/someone/tiny-model and redis://studio:6379.",
    "List them with GET /api/v1/models/tasks.",
    "#/components/schemas/Job",
    "data:image/png;base64,iVBORw0KGgo/AAA//8=",
    "data:image/webp;base64,UklGRiIA+/AABX//+/+w==",
    "模型/图",
  ])("keeps %j", (text) => {
    expect(withoutPaths(text)).toBe(text);
  });

  test.each([
    ["a job", jobIdSchema, "a job's id has 12 to 40 lower-case letters and digits only"],
    ["a picture", pictureHandleSchema, "a picture is called by its SHA-256, 64 lower-case hexadecimal digits"],
  ])("keeps what is said of a name that is none of %s", (_, schema, text) => {
    const message = schema.safeParse("..").error?.issues[0]?.message;
    expect(withoutPaths(message)).toBe(text);
  });

  test("keeps what a person sent, and everything that is no words", () => {
    const own = {
      request: { prompt: "/imagine a fox" },
      target: { shapeName: "/a" },
      recipe: { plan: { prompt: "/a" } },
    };
    const answer = { ...own, count: 2, isDone: false, none: null, list: [1, "a"] };
    expect(withoutPaths(answer)).toEqual(answer);
    expect(withoutPaths({ error: { code: "internal", message: "at /srv/a" }, list: ["/srv/a"] })).toEqual({
      error: { code: "internal", message: WITHHELD },
      list: [WITHHELD],
    });
  });
});

test("tells no person whose token has a name where files of the machine lie, by no route, and its owner does", async () => {
  await using folder = await temporaryFolder();
  const secret = join(folder.path, "Kept by the owner");
  const tokens = new NamedTokens(folder.path);
  const anna = await tokens.add("anna", 1);
  const broken: ModelSummary = {
    id: "gone",
    name: "Gone",
    error: { code: "damaged-model", message: `There is nothing at ${secret} any more.`, remedy: `See ${secret}.` },
  };
  await using companion = await testCompanion({
    keyring: keyringOf(TOKEN, tokens),
    readDevices: () => ({
      device: "cpu",
      devices: [{ device: "cuda", works: false, reason: `Failed to load ${secret}/libcuda.so` }],
    }),
    listModels: async () => [broken],
  });
  const as =
    (token: string) =>
    async (path: string, init: RequestInit = {}) => {
      const headers = { Authorization: `Bearer ${token}` };
      return await (await fetch(`${companion.origin}/api/v1${path}`, { ...init, headers })).text();
    };
  await writeFile(secret, "no model");
  const task = JSON.parse(
    await as(TOKEN)("/models/tasks", { method: "POST", body: JSON.stringify({ type: "import", path: `${secret} 2` }) }),
  );
  await vi.waitFor(async () => expect(await as(TOKEN)(`/models/tasks/${task.id}`)).toContain('"failed"'));
  /** As the engine fails where a file of a model cannot be read; the job's own request has no path in it. */
  const failed = async (token: string) => {
    const script = { fail: "damaged-model", message: Buffer.from(`Cannot read ${secret}`).toString("base64") };
    const { id } = JSON.parse(await as(token)("/jobs", await submission({ script })));
    await vi.waitFor(async () => expect(await as(token)(`/jobs/${id}`)).toContain('"failed"'));
    return String(id);
  };
  const readAll = async (token: string) => {
    const ids = { jobs: await failed(token), models: task.id };
    const told = new Map<string, string>();
    for (const [operation, { method, path, isOwners }] of Object.entries<RouteDescription>(routes)) {
      if (method !== "get" || isOwners) continue;
      const id = path.startsWith("/jobs") ? ids.jobs : ids.models;
      const address = path.replace("{id}", id).replace("{variant}", "0").replace("{part}", "mask");
      told.set(operation, await as(token)(address));
    }
    return told;
  };
  const tells = (told: ReadonlyMap<string, string>) =>
    [...told].flatMap(([id, text]) => (text.includes(secret) ? id : []));
  expect(tells(await readAll(TOKEN))).toEqual([
    "getStatus",
    "listModels",
    "listModelTasks",
    "getModelTask",
    "followModelTask",
    "listJobs",
    "getJob",
    "followJob",
  ]);
  const toAnna = await readAll(anna);
  expect(tells(toAnna)).toEqual([]);
  for (const operation of ["getStatus", "listModels", "listModelTasks", "followModelTask", "listJobs", "followJob"])
    expect(toAnna.get(operation), operation).toContain(WITHHELD);
  expect(await (await fetch(`${companion.origin}/api/v1/status`)).text()).not.toContain(secret);
});
