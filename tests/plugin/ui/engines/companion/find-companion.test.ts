import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CompanionClient } from "../../../../../plugin/ui/engines/companion/companion-client.ts";
import { findCompanion } from "../../../../../plugin/ui/engines/companion/find-companion.ts";
import type { PageFacts } from "../../../../../plugin/ui/engines/companion/local-network.ts";
import { ScriptedCompanion } from "../../support/scripted-companion.ts";

let companion: ScriptedCompanion;
beforeEach(async () => {
  companion = new ScriptedCompanion();
  await companion.start();
});
afterEach(() => companion.kill());

interface Surroundings {
  readonly state?: PermissionState;
  readonly isPassedOn?: boolean;
  readonly origin?: string | undefined;
  readonly token?: string;
  readonly pageOrigin?: string;
}

function finder({ state, isPassedOn = true, pageOrigin = "https://overpaint.example.org", ...named }: Surroundings) {
  const access = {
    origin: companion.origin,
    token: companion.token,
    renewToken: async () => access.token,
    ...named,
  };
  const page: PageFacts = {
    hostname: new URL(pageOrigin).hostname,
    permission: async () => state,
    isPassedOn: () => isPassedOn,
  };
  return findCompanion({ client: new CompanionClient(access), access, page, pageOrigin });
}

test("finds a companion that may be reached", async () => {
  expect(await finder({ state: "granted" })(false)).toMatchObject({ name: "overpaint", device: "cpu" });
});

test("brings up the browser's question for somebody who asks alone", async () => {
  const find = finder({ state: "prompt" });
  await expect(find(false)).rejects.toMatchObject({
    code: "companion-unreachable",
    message: expect.stringContaining("wants to ask"),
  });
  expect(await find(true)).toMatchObject({ name: "overpaint" });
});

test("says that the question was not answered with Allow", async () => {
  const find = finder({ state: "prompt" });
  await companion.kill();
  await expect(find(true)).rejects.toMatchObject({ message: expect.stringContaining("not answered with Allow") });
});

test.each([
  ["refused", { state: "denied" }, "was told not to let overpaint.example.org reach", "Allow it"],
  ["not passed on", { state: "denied", isPassedOn: false }, "does not pass that permission on", "Install the plugin"],
  ["named by nobody", { origin: undefined }, "knows of no companion", "put in its address"],
] as const)("sends nothing to a companion whose permission or address is %s, and names a way", async (...row) => {
  const [, surroundings, message, remedy] = row;
  let requests = 0;
  companion.serveOther = (_, response) => {
    requests += 1;
    response.end();
  };
  const finding = finder(surroundings)(true);
  await expect(finding).rejects.toMatchObject({
    code: "companion-unreachable",
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(remedy),
  });
  expect(requests).toBe(0);
});

test("tells a companion that does not let this page in from none", async () => {
  const access = { origin: companion.origin, token: "a-token", renewToken: async () => undefined };
  // To a page, an answer without its origin is no answer.
  const client = new CompanionClient({ ...access, origin: "http://127.0.0.1:9" });
  const page: PageFacts = { hostname: "localhost", permission: async () => undefined, isPassedOn: () => true };
  const find = findCompanion({ client, access, page, pageOrigin: "http://localhost:8000" });
  await expect(find(false)).rejects.toMatchObject({
    code: "companion-unreachable",
    remedy: "Start it: npx overpaint serve --panel-origin http://localhost:8000",
  });
  companion.serveOther = (_, response) => void response.end("{}");
  await expect(find(false)).rejects.toMatchObject({
    code: "forbidden-origin",
    remedy: "Start it so: npx overpaint serve --panel-origin http://localhost:8000",
  });
});

test("says that a browser may block what is not encrypted, where that may be why", async () => {
  const find = finder({});
  await companion.kill();
  await expect(find(false)).rejects.toMatchObject({ message: expect.stringContaining("not encrypted") });
  await expect(finder({ pageOrigin: "http://localhost:8000" })(false)).rejects.toMatchObject({
    message: expect.stringMatching(/does not answer\.$/),
  });
});

test.each([
  ["another program's answer", '{"hello":1}'],
  ["a page", "<!doctype html>"],
])("says of an address that answers with %s that no companion is there", async (_, answer) => {
  const server = createServer((_request, response) => void response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await expect(finder({ state: "granted", origin: `http://${host}` })(false)).rejects.toMatchObject({
      code: "engine-unavailable",
      message: `What answers at ${host} is no companion of this version.`,
    });
  } finally {
    server.close();
  }
});

test("answers for the companion that is named when it has looked, not for one that was forgotten meanwhile", async () => {
  const access: { origin: string | undefined; token: string | undefined } = {
    origin: companion.origin,
    token: companion.token,
  };
  const client = new CompanionClient({ ...access, renewToken: async () => undefined });
  const page: PageFacts = { hostname: "localhost", permission: async () => undefined, isPassedOn: () => true };
  const looking = findCompanion({ client, access, page, pageOrigin: "http://localhost:8000" })(false);
  access.origin = undefined;
  await expect(looking).rejects.toMatchObject({ message: expect.stringContaining("knows of no companion") });
});

test("notices that a companion which was away came back with another token", async () => {
  const find = finder({ state: "granted" });
  await find(false);
  await companion.kill();
  await expect(find(false)).rejects.toMatchObject({ code: "companion-unreachable" });
  companion.token = "another-token";
  await companion.start();
  await expect(find(false)).rejects.toMatchObject({ code: "unauthorized" });
});

test("notices a token that the companion does not know", async () => {
  const find = finder({ state: "granted", token: "another-token-of-old" });
  await expect(find(false)).rejects.toMatchObject({ code: "unauthorized" });
});

test("shows a companion a token that it does not know once a question, for it counts them as guesses", async () => {
  const asked = vi.spyOn(globalThis, "fetch");
  try {
    const find = finder({ state: "granted", token: "another-token-of-old" });
    await expect(find(false)).rejects.toMatchObject({ code: "unauthorized" });
    expect(asked.mock.calls.map(([address]) => String(address).slice(companion.origin.length))).toEqual([
      "/api/v1/status",
      "/api/v1/models",
    ]);
  } finally {
    asked.mockRestore();
  }
});
