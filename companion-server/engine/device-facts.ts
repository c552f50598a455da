import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { Device } from "../../shared/protocol/api.ts";

/** One card or chip, as the system tells of it. */
export interface DeviceFacts {
  readonly name?: string;
  /** Bytes of its own memory, or of the share of the machine's that it may take. */
  readonly memoryBytes?: number;
  /** Which memory that is: devices that name the same one share it. */
  readonly memory?: string;
}

/** What is asked, so that every system's answers can be tested on any. */
export interface SystemQuestions {
  readonly platform: NodeJS.Platform;
  readonly machineBytes: number;
  /** What a program prints; undefined where it is not there, fails or takes too long. */
  readonly run: (program: string, args: readonly string[]) => Promise<string | undefined>;
  readonly readText: (path: string) => Promise<string | undefined>;
  readonly readFolder: (path: string) => Promise<readonly string[]>;
}

/** A query of a driver takes a tenth of a second, the first after a start a few. */
const QUERY_LIMIT_MS = 5_000;

export const thisSystem: SystemQuestions = {
  platform: process.platform,
  machineBytes: totalmem(),
  run: (program, args) =>
    new Promise((resolve) => {
      const options = { timeout: QUERY_LIMIT_MS, windowsHide: true };
      execFile(program, [...args], options, (error, stdout) => resolve(error ? undefined : stdout));
    }),
  readText: (path) => readFile(path, "utf8").catch(() => undefined),
  readFolder: (path) => readdir(path).catch(() => []),
};

const MEBIBYTE = 1024 ** 2;
/** Metal's `recommendedMaxWorkingSize`, which no program prints: about two thirds of a small machine's memory, three quarters of a large one's. */
const METAL_SHARE = { small: 2 / 3, large: 3 / 4, largeFrom: 36 * 1024 ** 3 };

/** The machine's own: of its processor, and of chips that have none. */
const SYSTEM_MEMORY = "system";

/** The cards or chips behind a device, in the order of its indices; none where the system does not tell. */
export async function readDeviceFacts(device: Device, system = thisSystem): Promise<readonly DeviceFacts[]> {
  switch (device) {
    case "cpu":
      return [{ memoryBytes: system.machineBytes, memory: SYSTEM_MEMORY }];
    case "cuda":
      return readNvidia(system);
    case "coreml":
      return readApple(system);
    case "dml":
      return readWindows(system);
    case "webgpu":
      return await readForWebGpu(system);
  }
}

async function readForWebGpu(system: SystemQuestions): Promise<readonly DeviceFacts[]> {
  if (system.platform === "darwin") return readApple(system);
  if (system.platform === "win32") return readWindows(system);
  const nvidia = await readNvidia(system);
  return nvidia.length > 0 ? nvidia : readLinuxCards(system);
}

/** NVML, by the program that comes with the driver. */
async function readNvidia({ run }: SystemQuestions): Promise<readonly DeviceFacts[]> {
  const text = await run("nvidia-smi", ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]);
  const lines = [...(text ?? "").matchAll(/^(.+), *(\d+)\s*$/gm)];
  return lines.map(([, name = "", mebibytes], k) => ({
    name: name.trim(),
    memoryBytes: Number(mebibytes) * MEBIBYTE,
    memory: `nvidia ${k}`,
  }));
}

const CARDS = "/sys/class/drm";
const VENDORS: Readonly<Record<string, string>> = { "0x1002": "AMD", "0x8086": "Intel", "0x10de": "NVIDIA" };

/** What the kernel's drivers tell: amdgpu by `mem_info_vram_total`; a chip without memory of its own tells nothing. */
async function readLinuxCards({ readFolder, readText }: SystemQuestions): Promise<readonly DeviceFacts[]> {
  const cards = (await readFolder(CARDS)).filter((name) => /^card\d+$/.test(name)).sort();
  return await Promise.all(
    cards.map(async (card): Promise<DeviceFacts> => {
      const folder = join(CARDS, card, "device");
      const vendor = VENDORS[(await readText(join(folder, "vendor")))?.trim() ?? ""];
      const bytes = Number(await readText(join(folder, "mem_info_vram_total")));
      const memory = bytes > 0 ? { memoryBytes: bytes, memory: card } : { memory: SYSTEM_MEMORY };
      return { ...(vendor && { name: vendor }), ...memory };
    }),
  );
}

/** Memory is one on Macs; a chip may take a part of it. */
async function readApple({ run, machineBytes }: SystemQuestions): Promise<readonly DeviceFacts[]> {
  const name = (await run("sysctl", ["-n", "machdep.cpu.brand_string"]))?.trim();
  const share = machineBytes >= METAL_SHARE.largeFrom ? METAL_SHARE.large : METAL_SHARE.small;
  return [{ ...(name && { name }), memoryBytes: Math.floor(machineBytes * share), memory: SYSTEM_MEMORY }];
}

/** What drivers write into the registry; 32-bit fields elsewhere end at 4 GB. */
const WINDOWS_QUERY = [
  "Get-ItemProperty 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}\\0*'",
  "Select-Object DriverDesc, @{n='Bytes';e={$_.'HardwareInformation.qwMemorySize'}}",
  "ConvertTo-Json -Compress",
].join(" | ");

async function readWindows({ run }: SystemQuestions): Promise<readonly DeviceFacts[]> {
  const text = await run("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", WINDOWS_QUERY]);
  const cards = parseJson(text ?? "[]");
  return (Array.isArray(cards) ? cards : [cards]).flatMap((card: unknown, k): DeviceFacts[] => {
    if (typeof card !== "object" || card === null || !("DriverDesc" in card)) return [];
    const bytes = "Bytes" in card ? Number(card.Bytes) : 0;
    return [{ name: String(card.DriverDesc), ...(bytes > 0 && { memoryBytes: bytes }), memory: `adapter ${k}` }];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}
