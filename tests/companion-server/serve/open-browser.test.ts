import { expect, test } from "vitest";
import { browserOpener } from "../../../companion-server/serve/open-browser.ts";

test.each<[NodeJS.Platform, Record<string, string>, string | undefined]>([
  ["linux", { DISPLAY: ":0" }, "xdg-open"],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, "xdg-open"],
  ["linux", {}, undefined],
  ["linux", { DISPLAY: ":0", CI: "true" }, undefined],
  ["darwin", {}, "open"],
  ["win32", {}, "cmd"],
])("opens a browser on %s with %o by %s", (platform, env, program) => {
  expect(browserOpener(platform, env)?.[0]).toBe(program);
});
