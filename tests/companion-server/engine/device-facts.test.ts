import { expect, test } from "vitest";
import { readDeviceFacts, type SystemQuestions } from "../../../companion-server/engine/device-facts.ts";
import type { Device } from "../../../shared/protocol/api.ts";

const GIB = 1024 ** 3;

/** A system that answers what is given and nothing else. */
function system(
  platform: NodeJS.Platform,
  answers: { readonly programs?: Record<string, string>; readonly files?: Record<string, string> } = {},
  machineBytes = 16 * GIB,
): SystemQuestions {
  const { programs = {}, files = {} } = answers;
  return {
    platform,
    machineBytes,
    run: async (program) => programs[program],
    readText: async (path) => files[path],
    readFolder: async (path) => [
      ...new Set(
        Object.keys(files).flatMap((file) =>
          file.startsWith(`${path}/`) ? [file.slice(path.length + 1).split("/")[0]!] : [],
        ),
      ),
    ],
  };
}

const nvidia = { programs: { "nvidia-smi": "NVIDIA GeForce RTX 3060, 12288\nNVIDIA H100, 81559\n" } };

test("asks NVIDIA's driver for its cards, in the order of their indices", async () => {
  expect(await readDeviceFacts("cuda", system("linux", nvidia))).toEqual([
    { name: "NVIDIA GeForce RTX 3060", memoryBytes: 12288 * 1024 ** 2, memory: "nvidia 0" },
    { name: "NVIDIA H100", memoryBytes: 81559 * 1024 ** 2, memory: "nvidia 1" },
  ]);
});

test("tells nothing where nothing answers, or answers something else", async () => {
  expect(await readDeviceFacts("cuda", system("linux"))).toEqual([]);
  const failing = {
    programs: { "nvidia-smi": "NVIDIA-SMI has failed because it couldn't communicate with the driver." },
  };
  expect(await readDeviceFacts("cuda", system("linux", failing))).toEqual([]);
  expect(await readDeviceFacts("dml", system("win32", { programs: { "powershell.exe": "no JSON" } }))).toEqual([]);
});

test("asks the kernel for the cards of others, and passes over their connectors", async () => {
  const files = {
    "/sys/class/drm/card0/device/vendor": "0x8086\n",
    "/sys/class/drm/card0-HDMI-A-1/status": "connected\n",
    "/sys/class/drm/card1/device/vendor": "0x1002\n",
    "/sys/class/drm/card1/device/mem_info_vram_total": `${8 * GIB}\n`,
  };
  expect(await readDeviceFacts("webgpu", system("linux", { files }))).toEqual([
    { name: "Intel", memory: "system" },
    { name: "AMD", memoryBytes: 8 * GIB, memory: "card1" },
  ]);
});

test.each([
  [16, (16 * 2) / 3],
  [64, 48],
])("takes on a Mac of %i GB what Metal recommends", async (gigabytes, expected) => {
  const mac = system("darwin", { programs: { sysctl: "Apple M3 Max\n" } }, gigabytes * GIB);
  for (const device of ["coreml", "webgpu"] as const)
    expect(await readDeviceFacts(device, mac)).toEqual([
      { name: "Apple M3 Max", memoryBytes: Math.floor(expected * GIB), memory: "system" },
    ]);
});

test("tells the backends of one card, and a processor and a chip on the machine's memory, by one memory", async () => {
  const memoryOf = async (device: Device, of: SystemQuestions) => (await readDeviceFacts(device, of))[0]?.memory;
  const mac = system("darwin");
  expect(await memoryOf("webgpu", mac)).toBe(await memoryOf("cpu", mac));
  const linux = system("linux", nvidia);
  expect(await memoryOf("webgpu", linux)).toBe(await memoryOf("cuda", linux));
  expect(await memoryOf("cpu", linux)).not.toBe(await memoryOf("cuda", linux));
});

test.each([
  ['[{"DriverDesc":"Radeon RX 7900","Bytes":21458059264},{"DriverDesc":"Basic Display","Bytes":null}]', 2],
  ['{"DriverDesc":"Radeon RX 7900","Bytes":21458059264}', 1],
])("reads Windows' registry: %s", async (json, count) => {
  const facts = await readDeviceFacts("dml", system("win32", { programs: { "powershell.exe": json } }));
  expect(facts).toHaveLength(count);
  expect(facts[0]).toEqual({ name: "Radeon RX 7900", memoryBytes: 21458059264, memory: "adapter 0" });
  if (count > 1) expect(facts[1]).toEqual({ name: "Basic Display", memory: "adapter 1" });
});
