import { expect, test } from "vitest";
import { defaultDataFolder } from "../../companion-server/data-folder.ts";

test.each<[NodeJS.Platform, Record<string, string>, string]>([
  ["linux", {}, "/home/a/.local/share/overpaint"],
  ["linux", { XDG_DATA_HOME: "/xdg" }, "/xdg/overpaint"],
  ["darwin", {}, "/home/a/Library/Application Support/Overpaint"],
  ["linux", { OVERPAINT_DATA: "/mine", XDG_DATA_HOME: "/xdg" }, "/mine"],
])("follows the convention of %s with %o", (platform, env, expected) => {
  expect(defaultDataFolder({ platform, env, home: "/home/a" })).toBe(expected);
});

test("keeps data on Windows out of the roaming profile", () => {
  const folder = defaultDataFolder({ platform: "win32", env: { LOCALAPPDATA: "/local" }, home: "/home/a" });
  expect(folder).toBe("/local/Overpaint");
});
