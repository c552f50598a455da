import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { panelPath } from "../../../companion-server/door/panel-path.ts";
import { ask } from "../support/ask.ts";
import { type TestCompanion, TOKEN, testCompanion } from "../support/test-companion.ts";

async function companionWithPages(penpotOrigins: readonly string[] = []) {
  const companion = await testCompanion({ penpotOrigins });
  const files = {
    "web/manifest.json": "{}",
    "web/plugin.js": "0",
    "web/icon.png": "icon",
    "web/ui/index.html": "<!doctype html><html><head><title>Panel</title></head></html>",
    "web/playground/index.html": "<!doctype html><html><head></head></html>",
    "web/assets/a-1234.js": "0",
    "web/assets/ort.wasm": "0",
    "models/starter/unet/model.onnx": "graph",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(companion.folder, path)), { recursive: true });
    await writeFile(join(companion.folder, path), text);
  }
  return companion;
}

function askUnder(name: string, companion: TestCompanion, path: string) {
  return ask(companion, path, { Host: `${name}:${companion.port}` });
}

test.each(["/manifest.json", "/plugin.js", "/icon.png"])("lets Penpot read %s", async (path) => {
  await using companion = await companionWithPages();
  const response = await fetch(companion.origin + path, { headers: { Origin: "https://design.penpot.app" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
});

test("answers the preflight that a public page's request to this machine brings", async () => {
  await using companion = await companionWithPages();
  const response = await fetch(`${companion.origin}/manifest.json`, {
    method: "OPTIONS",
    headers: { Origin: "https://design.penpot.app", "Access-Control-Request-Private-Network": "true" },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-private-network")).toBe("true");
  expect(response.headers.get("access-control-allow-headers")).toContain("Authorization");
});

test.each(["ui/", "ui/index.html"])("gives the panel %s the token and lets Penpot alone frame it", async (path) => {
  await using companion = await companionWithPages(["https://penpot.example.org"]);
  const response = await fetch(companion.origin + panelPath(TOKEN) + path);
  const policy = response.headers.get("content-security-policy");
  expect(await response.text()).toContain(`<meta name="overpaint-token" content="${TOKEN}">`);
  expect(policy).toMatch(/^frame-ancestors https:\/\/design\.penpot\.app .*https:\/\/penpot\.example\.org$/);
  expect(policy).not.toContain("'self'");
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(response.headers.get("cache-control")).toBe("no-store");
});

test.each(["/ui/", "/ui/index.html", "/ui/./index.html", "/ui//index.html", "/UI/index.html", "/ui/index.html?x=1"])(
  "never gives the page under %s out without a frame policy",
  async (path) => {
    await using companion = await companionWithPages();
    const response = await fetch(companion.origin + path);
    if (response.ok) expect(response.headers.get("content-security-policy")).toContain("frame-ancestors");
    else expect(response.status).toBe(404);
  },
);

test.each(["/ui/", "/ui/index.html", "/panel/another-token-for-tests/ui/"])(
  "gives no token out under %s, which another user of this machine may ask for",
  async (path) => {
    await using companion = await companionWithPages();
    expect(await (await fetch(companion.origin + path)).text()).not.toContain(TOKEN);
  },
);

test("serves the plugin with everything it needs under the path with the token", async () => {
  await using companion = await companionWithPages();
  for (const path of ["manifest.json", "plugin.js", "ui/", "assets/a-1234.js", "models/starter/unet/model.onnx"])
    expect((await fetch(companion.origin + panelPath(TOKEN) + path)).status).toBe(200);
});

test("serves no file by a path that begins as the API's", async () => {
  await using companion = await companionWithPages();
  expect((await askUnder("127.0.0.1", companion, "/api/v1/../../assets/a-1234.js")).status).toBe(404);
});

test("keeps the token from other sites' scripts", async () => {
  await using companion = await companionWithPages();
  const response = await fetch(`${companion.origin}${panelPath(TOKEN)}ui/`, {
    headers: { Origin: "https://evil.example" },
  });
  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain(TOKEN);
});

test("keeps the token out of the playground, and the playground out of frames", async () => {
  await using companion = await companionWithPages();
  const response = await fetch(`http://localhost:${companion.port}/playground/`);
  expect(response.status).toBe(200);
  expect(await response.text()).not.toContain(TOKEN);
  expect(response.headers.get("content-security-policy")).toBe("frame-ancestors 'none'");
});

test.each(["localhost", "[::1]"])("gives no token out under the name %s, but leads to the panel", async (name) => {
  await using companion = await companionWithPages();
  const panel = panelPath(TOKEN);
  for (const path of ["/ui/", "/ui/index.html?x=1", `${panel}ui/`, `${panel}UI/`, `${panel}ui/%69ndex.html`]) {
    const response = await askUnder(name, companion, path);
    expect(response.body).not.toContain("overpaint-token");
    if (response.status !== 307) continue;
    expect(response.headers.location).toBe(companion.origin + path);
    expect((await fetch(companion.origin + path)).headers.get("access-control-allow-origin")).toBeNull();
  }
  expect(await askUnder(name, companion, "/ui/index.html")).toMatchObject({ status: 307 });
});

test.each(["/playground/", "/playground/index.html?plugin=http://localhost:1", "/%70layground/", "/Playground/"])(
  "leads from %s to the playground's own name",
  async (path) => {
    await using companion = await companionWithPages();
    for (const name of ["127.0.0.1", "[::1]"]) {
      const response = await askUnder(name, companion, path);
      expect(response.status).toBe(307);
      expect(response.headers.location).toBe(`http://localhost:${companion.port}${path}`);
    }
  },
);

test.each(["/x/../playground/", "/x/%2e%2e/playground/", "//playground/", "/%2e/playground/", "/%5cplayground/"])(
  "shows no playground under the panel's name by way of %s",
  async (path) => {
    await using companion = await companionWithPages();
    expect((await askUnder("127.0.0.1", companion, path)).status).not.toBe(200);
  },
);

// What Windows reads as the folder itself is another one here.
test.skipIf(process.platform === "win32").each([
  ["/playground::$INDEX_ALLOCATION/", "web/playground::$INDEX_ALLOCATION/index.html"],
  ["/ui/index.html::$DATA", "web/ui/index.html::$DATA"],
  ["/models/starter/con.json", "models/starter/con.json"],
  ["/models/starter/unet/a%3Ab", "models/starter/unet/a:b"],
])("serves nothing under %s, a name that is none on every system", async (path, file) => {
  await using companion = await companionWithPages();
  await mkdir(dirname(join(companion.folder, file)), { recursive: true });
  await writeFile(join(companion.folder, file), "{}");
  const answer = await ask(companion, panelPath(TOKEN).slice(0, -1) + path, { Host: `127.0.0.1:${companion.port}` });
  expect(answer.status).toBe(404);
});

test.each([
  ["/assets/a-1234.js", /^text\/javascript/, /immutable/],
  ["/assets/ort.wasm", /^application\/wasm$/, /immutable/],
  ["/models/starter/unet/model.onnx", /^application\/octet-stream$/, /no-cache/],
  ["/plugin.js", /^text\/javascript/, /no-cache/],
])("serves %s with its type, for as long as it stays the same", async (path, type, caching) => {
  await using companion = await companionWithPages();
  const response = await fetch(companion.origin + path, { headers: { Authorization: `Bearer ${TOKEN}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(type);
  expect(response.headers.get("cache-control")).toMatch(caching);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each(["/models/nope/model_index.json", "/models/..%2f..%2fhashes.json", "/models/starter/..%2f..%2fhashes.json"])(
  "finds no model file under %s",
  async (path) => {
    await using companion = await companionWithPages();
    await writeFile(join(companion.folder, "hashes.json"), "{}");
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await fetch(companion.origin + path, { headers })).status).toBeGreaterThanOrEqual(400);
  },
);

test.each(["/models/nope/x", "/models/starter/model_index.json"])(
  "tells nobody without a token which models there are: %s",
  async (path) => {
    await using companion = await companionWithPages();
    const response = await fetch(companion.origin + path);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain("starter");
  },
);

test.skipIf(process.platform === "win32")("serves nothing that a link in a pack leads to outside of it", async () => {
  await using companion = await companionWithPages();
  const pack = join(companion.folder, "models/starter");
  await writeFile(join(companion.folder, "secret.bin"), "secret");
  await symlink("/", join(pack, "root"));
  await symlink(join(companion.folder, "secret.bin"), join(pack, "vae.onnx"));
  await symlink(join(pack, "model_index.json"), join(pack, "again.json"));
  const read = async (path: string) => {
    const response = await fetch(`${companion.origin}${panelPath(TOKEN)}models/starter/${path}`);
    return { status: response.status, text: await response.text() };
  };
  for (const path of [`root${companion.folder}/secret.bin`, "root/etc/passwd", "vae.onnx"])
    expect(await read(path)).toMatchObject({ status: 404, text: expect.not.stringMatching(/^secret|root:/) });
  expect(await read("again.json")).toEqual({ status: 200, text: "{}" });
});

test.skipIf(process.platform === "win32")("serves what a hub's cache keeps beside its snapshots", async () => {
  await using companion = await companionWithPages();
  const hub = join(companion.folder, "hub/models--a--b");
  await mkdir(join(hub, "blobs"), { recursive: true });
  await mkdir(join(hub, "snapshots/1"), { recursive: true });
  await writeFile(join(hub, "blobs/abc"), "{}");
  await symlink("../../blobs/abc", join(hub, "snapshots/1/model_index.json"));
  await symlink(join(hub, "snapshots/1"), join(companion.folder, "models/linked"));
  const response = await fetch(`${companion.origin}${panelPath(TOKEN)}models/linked/model_index.json`);
  expect(response.status).toBe(200);
});

test("leads from its root to the playground", async () => {
  await using companion = await companionWithPages();
  const response = await fetch(companion.origin, { redirect: "manual" });
  expect(response.headers.get("location")).toBe("/playground/");
});

test("serves CLIP's merges beside the packs, though they are none", async () => {
  await using companion = await companionWithPages();
  const response = await fetch(`${companion.origin}/models/clip-tokenizer/merges.txt`);
  expect(response.status).toBe(200);
  expect((await response.text()).split("\n").slice(0, 2)).toEqual(["i n", "t h"]);
});
