import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { probeDevice } from "../../../companion-server/engine/probe-device.ts";
import { cpuProfile } from "../../../shared/networks/graph/graph-profile.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("proves the processor by computing on it", async () => {
  expect(await probeDevice("cpu")).toEqual({
    works: true,
    milliseconds: expect.any(Number),
    proved: { profile: cpuProfile },
  });
});

test("says why a device that this system has no support for does not work", async () => {
  const foreign = process.platform === "win32" ? "coreml" : "dml";
  expect(await probeDevice(foreign)).toEqual({ works: false, reason: expect.stringContaining("backend not found") });
});

test.each([
  ["crashes", "process.kill(process.pid, 'SIGSEGV')", "SIGSEGV"],
  ["hangs", "setInterval(() => {}, 1000)", "no answer within 0.3 s"],
])("takes a driver that %s for an answer", async (_name, code, reason) => {
  await using folder = await temporaryFolder();
  const entry = join(folder.path, "probe.mjs");
  await writeFile(entry, code);
  expect(await probeDevice("cuda", undefined, { entry, limit: 300 })).toEqual({
    works: false,
    reason: expect.stringContaining(reason),
  });
});
