import { expect, test } from "vitest";
import { pluginUrl } from "../../../../plugin/playground/plugin-host/plugin-url.ts";

test.each([
  ["http://localhost:4417/playground/", "http://127.0.0.1:4417/manifest.json"],
  ["http://127.0.0.1:4417/playground/index.html", "http://localhost:4417/manifest.json"],
  ["http://[::1]:4417/playground/", "http://localhost:4417/manifest.json"],
  ["https://studio.example/tools/playground/", "https://studio.example/tools/manifest.json"],
  [
    "http://localhost/playground/?plugin=http://127.0.0.1:8080/x/manifest.json",
    "http://127.0.0.1:8080/x/manifest.json",
  ],
  ["http://localhost/playground/?plugin=http://[::1]/x", "http://[::1]/x/manifest.json"],
  ["http://localhost/playground/?plugin=http://localhost:8080", "http://localhost:8080/manifest.json"],
])("of %s is %s", (page, manifest) => {
  expect(pluginUrl(new URL(page)).href).toBe(manifest);
});

test.each([
  "http://a.test/manifest.json",
  "//a.test/manifest.json",
  "http://127.0.0.1.a.test/",
  "http://localhost@a.test/",
  "data:application/json,{}",
  "http://",
])("runs no plugin of %s", (address) => {
  const page = new URL("http://localhost:4417/playground/");
  page.searchParams.set("plugin", address);
  expect(() => pluginUrl(page)).toThrow(
    expect.objectContaining({ code: "invalid-request", message: expect.stringContaining(address) }),
  );
});
