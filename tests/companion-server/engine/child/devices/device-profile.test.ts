import { expect, test } from "vitest";
import { provedProfile } from "../../../../../companion-server/engine/child/devices/device-profile.ts";
import { cpuProfile, inHalf, inSingle } from "../../../../../shared/networks/graph/graph-profile.ts";

const half = { profile: { ...inHalf(cpuProfile), attention: "plain" } } as const;
const single = { profile: inSingle(cpuProfile), remark: "it does not compute in half precision" };

// No system has both devices: whatever is run on one of them fails.
const foreign = process.platform === "win32" ? "coreml" : "dml";

test.each([
  ["half precision where nothing is asked", half, undefined],
  ["half precision where it is asked", half, "float16"],
  ["single precision, which is left, where nothing is asked", single, undefined],
  ["single precision where it is asked", single, "float32"],
] as const)("takes what another process proved: %s", async (_, proved, compute) => {
  expect(await provedProfile(foreign, { compute, proved })).toEqual(proved);
});

test("refuses half precision where another process saw that it is wrong", async () => {
  await expect(provedProfile(foreign, { compute: "float16", proved: single })).rejects.toMatchObject({
    code: "device-unavailable",
    message: `The device ${foreign} cannot draw in half precision: it does not compute in half precision.`,
  });
});
