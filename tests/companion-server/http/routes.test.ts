import { expect, test } from "vitest";
import { openApiDocument } from "../../../companion-server/http/openapi.ts";
import { type RouteDescription, routes } from "../../../companion-server/http/routes.ts";
import { API_BASE, errorBodySchema, jobListSchema, jobSchema } from "../../../shared/protocol/api.ts";
import { type Answer, ask } from "../support/ask.ts";
import { readEvents } from "../support/read-events.ts";
import { submission } from "../support/submission.ts";
import { TOKEN, testCompanion } from "../support/test-companion.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<
    Record<string, { readonly links?: Readonly<Record<string, { readonly parameters: object }>> }>
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const paths = (openApiDocument("0.0.0") as Document).paths;
const described = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

test("the document describes every route and no other", () => {
  const served = Object.entries<RouteDescription>(routes).map(([id, { method, path }]) => `${id} ${method} ${path}`);
  const told = described.map(({ path, method, operation }) => `${operation.operationId} ${method} ${path}`);
  expect(told.sort()).toEqual(served.sort());
});

test("every described operation is answered, and every other method of its path is refused with those it has", async () => {
  await using companion = await testCompanion();
  const { id } = jobSchema.parse(await (await companion.api("jobs", await submission())).json());
  await readEvents(await companion.api(`jobs/${id}/events`));
  const headers = { Host: `127.0.0.1:${companion.port}`, Authorization: `Bearer ${TOKEN}` };
  const addressOf = (path: string) =>
    `${API_BASE}${path.replace("{id}", id).replace("{variant}", "0").replace("{part}", "mask")}`;
  for (const [path, operations] of Object.entries(paths)) {
    const has = Object.keys(operations).map((method) => method.toUpperCase());
    for (const method of METHODS.filter(
      (other) => !has.includes(other) && !(other === "HEAD" && has.includes("GET")),
    )) {
      const answer = await ask(companion, addressOf(path), headers, method);
      expect([method, path, answer.status]).toEqual([method, path, 405]);
      expect(
        String(answer.headers.allow)
          .split(", ")
          .filter((allowed) => allowed !== "HEAD")
          .sort(),
      ).toEqual(has.sort());
      if (method !== "HEAD") expect(codeOf(answer)).toBe("method-not-allowed");
    }
  }
  // Reading first: what is acknowledged is gone.
  for (const { path, method } of [...described].sort((a, b) => a.method.localeCompare(b.method))) {
    if (method === "delete") continue;
    const { status } = await ask(companion, addressOf(path), headers, method.toUpperCase());
    // Without a body, and of what is not there, it is refused.
    const isMet = method === "get" ? !/^\/models\/(tasks\/|\{id\})/.test(path) : path.startsWith("/jobs/");
    const expected = isMet ? [200] : [400, 404];
    expect(expected, `${method} ${path}`).toContain(status);
  }
});

function codeOf({ body }: Answer): string {
  return errorBodySchema.parse(JSON.parse(body)).error.code;
}

test("leads from a queued job to everything that its id reaches", () => {
  const links = paths["/jobs"]?.post?.responses["202"]?.links ?? {};
  const reached = described.filter(({ path }) => path.startsWith("/jobs/{id}"));
  expect(Object.keys(links).sort()).toEqual(reached.map(({ operation }) => operation.operationId).sort());
  for (const { operation } of reached) {
    const needed = operation.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(Object.keys(links[operation.operationId]?.parameters ?? {}).sort()).toEqual(needed?.sort());
  }
});

test("pages through jobs and searches their prompts", async () => {
  await using companion = await testCompanion();
  for (const prompt of ['{ "steps": 1 }', '{ "steps": 2 }', '{ "steps": 1, "delay": 2 }'])
    await companion.api("jobs", await submission({ request: { prompt } }));
  const list = async (query: string) => jobListSchema.parse(await (await companion.api(`jobs?${query}`)).json());
  const first = await list("limit=2");
  expect(first.jobs).toHaveLength(2);
  const second = await list(`limit=2&before=${first.next}`);
  expect(second.jobs.map(({ request }) => request.prompt)).toEqual(['{ "steps": 1 }']);
  expect(second.next).toBeUndefined();
  expect((await list("search=DELAY")).jobs).toHaveLength(1);
});

test.each(["limit=0", "limit=501", "limit=x", "before=..", `search=${"x".repeat(201)}`])(
  "refuses jobs?%s",
  async (query) => {
    await using companion = await testCompanion();
    const response = await companion.api(`jobs?${query}`);
    expect(response.status).toBe(400);
    expect(errorBodySchema.parse(await response.json()).error.remedy).toContain("openapi.json");
  },
);
