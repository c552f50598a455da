import { expect, test } from "vitest";
import { errorBodySchema } from "../../../shared/protocol/api.ts";
import { type Answer, ask } from "../support/ask.ts";
import { submission } from "../support/submission.ts";
import { type TestCompanion, TOKEN, testCompanion } from "../support/test-companion.ts";

function codeOf({ body }: Answer): string {
  return errorBodySchema.parse(JSON.parse(body)).error.code;
}

const privateCalls = [
  ["GET", "/api/v1/models"],
  ["GET", "/api/v1/jobs"],
  ["POST", "/api/v1/jobs"],
  ["GET", "/api/v1/jobs/0123456789abcdef01234567"],
  ["GET", "/api/v1/jobs/0123456789abcdef01234567/events"],
  ["GET", "/api/v1/jobs/0123456789abcdef01234567/results/0"],
  ["GET", "/api/v1/jobs/0123456789abcdef01234567/mask"],
  ["GET", "/api/v1/jobs/0123456789abcdef01234567/reference"],
  ["DELETE", "/api/v1/jobs/0123456789abcdef01234567"],
  ["POST", "/api/v1/jobs/0123456789abcdef01234567/acknowledge"],
] as const;

test.each(privateCalls)("%s %s needs the token", async (method, path) => {
  await using companion = await testCompanion();
  const host = { Host: `localhost:${companion.port}` };
  for (const headers of [host, { ...host, Authorization: "Bearer wrong" }, { ...host, Authorization: TOKEN }]) {
    const answer = await ask(companion, path, headers, method);
    expect(answer.status).toBe(401);
    expect(codeOf(answer)).toBe("unauthorized");
  }
});

test("status is open and says nothing private", async () => {
  await using companion = await testCompanion();
  await companion.api("jobs", await submission({ request: { prompt: '{ "steps": 1 }', negativePrompt: "secret" } }));
  const response = await fetch(`${companion.origin}/api/v1/status`);
  const text = await response.text();
  expect(response.status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({ name: "overpaint", version: "0.0.0", device: "cpu" });
  for (const secret of ["secret", TOKEN, companion.folder]) expect(text).not.toContain(secret);
});

test.each(["evil.example", "evil.example:4417", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0", ""])(
  "refuses the Host %j everywhere, even with the token",
  async (name) => {
    await using companion = await testCompanion();
    for (const path of [
      "/api/v1/status",
      "/api/v1/jobs",
      "/manifest.json",
      "/ui/",
      "/models/starter/model_index.json",
    ]) {
      const answer = await ask(companion, path, { Host: name, Authorization: `Bearer ${TOKEN}` });
      expect(answer.status).toBe(403);
      expect(codeOf(answer)).toBe("forbidden-host");
    }
  },
);

test.each(["localhost", "127.0.0.1", "[::1]"])("answers under the name %s", async (name) => {
  await using companion = await testCompanion();
  expect((await ask(companion, "/api/v1/status", { Host: `${name}:${companion.port}` })).status).toBe(200);
});

test.each(["https://evil.example", "https://design.penpot.app", "http://localhost:1", "http://localhost", "null"])(
  "refuses requests from pages of %s, even with the token",
  async (origin) => {
    await using companion = await testCompanion();
    const answer = await ask(companion, "/api/v1/jobs", {
      Host: `127.0.0.1:${companion.port}`,
      Origin: origin,
      Authorization: `Bearer ${TOKEN}`,
    });
    expect(answer.status).toBe(403);
    expect(codeOf(answer)).toBe("forbidden-origin");
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  },
);

test.each(["localhost", "127.0.0.1"])("answers its own pages on %s", async (name) => {
  await using companion = await testCompanion();
  const host = `${name}:${companion.port}`;
  const headers = { Host: host, Origin: `http://${host}`, Authorization: `Bearer ${TOKEN}` };
  expect((await ask(companion, "/api/v1/jobs", headers)).status).toBe(200);
});

const PANEL = "https://overpaint.example.org";

function fromPanel(companion: TestCompanion, path: string, method = "GET", headers: Record<string, string> = {}) {
  return ask(companion, path, { Host: `127.0.0.1:${companion.port}`, Origin: PANEL, ...headers }, method);
}

test("lets the panel of an origin that its owner named read the API, with a token", async () => {
  await using companion = await testCompanion({ panelOrigins: [PANEL] });
  const asked = await fromPanel(companion, "/api/v1/jobs", "OPTIONS", {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Private-Network": "true",
  });
  expect(asked).toMatchObject({ status: 204, headers: { "access-control-allow-origin": PANEL, vary: "Origin" } });
  expect(asked.headers["access-control-allow-methods"]).toBe("GET, POST, DELETE");
  expect(asked.headers["access-control-allow-headers"]).toBe("Authorization, Content-Type, Last-Event-ID");
  expect(asked.headers["access-control-allow-private-network"]).toBe("true");
  const answered = await fromPanel(companion, "/api/v1/jobs", "GET", { Authorization: `Bearer ${TOKEN}` });
  expect(answered).toMatchObject({ status: 200, headers: { "access-control-allow-origin": PANEL } });
  expect(answered.headers["access-control-expose-headers"]).toBe("Overpaint-Picture");
  const refused = await fromPanel(companion, "/api/v1/jobs", "GET", { Authorization: "Bearer wrong" });
  expect(refused).toMatchObject({ status: 401, headers: { "access-control-allow-origin": PANEL } });
});

test.each(["/ui/", "/metrics", "/models/starter/model_index.json"])(
  "keeps %s from a named panel's origin",
  async (path) => {
    await using companion = await testCompanion({ panelOrigins: [PANEL] });
    const answer = await fromPanel(companion, path, "GET", { Authorization: `Bearer ${TOKEN}` });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  },
);

test.each(["https://overpaint.example.org:8443", "http://overpaint.example.org", "https://evil.example", "null"])(
  "lets nobody else in where a panel's origin is named: not %s",
  async (origin) => {
    await using companion = await testCompanion({ panelOrigins: [PANEL] });
    for (const method of ["OPTIONS", "GET"]) {
      const answer = await fromPanel(companion, "/api/v1/status", method, { Origin: origin });
      expect(codeOf(answer)).toBe("forbidden-origin");
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
      expect(answer.headers).not.toHaveProperty("access-control-allow-private-network");
    }
  },
);

test("answers a named panel under no name that merely leads to this machine", async () => {
  await using companion = await testCompanion({ panelOrigins: [PANEL] });
  const answer = await fromPanel(companion, "/api/v1/status", "OPTIONS", { Host: "overpaint.example.org" });
  expect(codeOf(answer)).toBe("forbidden-host");
  expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
});

test.each(["..%2f..%2fetc%2fpasswd", "0123456789abcdef0123456%2f", "A".repeat(24), "0"])(
  "takes %s for no job and no path",
  async (id) => {
    await using companion = await testCompanion();
    for (const path of [`jobs/${id}`, `jobs/${id}/events`, `jobs/${id}/results/0`]) {
      const response = await companion.api(path);
      expect(response.status).toBe(404);
      expect(errorBodySchema.parse(await response.json()).error.code).toBe("not-found");
    }
  },
);

test("hides what went wrong inside from its answers", async () => {
  const broken = { list: () => Promise.reject(new Error("/home/someone/secret is broken")) };
  await using companion = await testCompanion({ models: broken as never });
  const response = await companion.api("models");
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).not.toContain("secret");
  expect(errorBodySchema.parse(JSON.parse(text)).error.code).toBe("internal");
});
