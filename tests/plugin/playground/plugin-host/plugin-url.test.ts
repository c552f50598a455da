import { expect, test } from "vitest";
import { pluginUrl } from "../../../../plugin/playground/plugin-host/plugin-url.ts";

test.each([
  ["http://localhost:4417/playground/", "http://127.0.0.1:4417/manifest.json"],
  ["http://127.0.0.1:4417/playground/index.html", "http://localhost:4417/manifest.json"],
  ["http://[::1]:4417/playground/", "http://localhost:4417/manifest.json"],
  ["https://studio.example/tools/playground/", "https://studio.example/tools/manifest.json"],
  ["http://localhost/playground/?plugin=http://a.test/x/manifest.json", "http://a.test/x/manifest.json"],
  ["http://localhost/playground/?plugin=http://a.test/x", "http://a.test/x/manifest.json"],
  ["http://localhost/playground/?plugin=http://a.test", "http://a.test/manifest.json"],
])("of %s is %s", (page, manifest) => {
  expect(pluginUrl(new URL(page)).href).toBe(manifest);
});
