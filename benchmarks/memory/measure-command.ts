import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Time between two looks at the processes, in milliseconds. */
const INTERVAL_MS = 40;

export interface MeasuredCommand {
  readonly output: string;
  readonly seconds: number;
  /** Most resident memory that the process and those it started had at the same time. */
  readonly peakBytes: number;
  /** Most of that which the system cannot drop and read again from a file. */
  readonly peakPrivateBytes: number;
}

/** Runs a Node script to its end. Rejects when it fails. */
export async function measureCommand(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<MeasuredCommand> {
  const start = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = once(child, "close");
  let [peakBytes, peakPrivateBytes] = [0, 0];
  while (child.exitCode === null && child.signalCode === null) {
    const tree = await treeMemory(child.pid ?? 0);
    peakBytes = Math.max(peakBytes, tree.bytes);
    peakPrivateBytes = Math.max(peakPrivateBytes, tree.privateBytes);
    await Promise.race([delay(INTERVAL_MS), ended]);
  }
  await ended;
  if (child.exitCode !== 0) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}`);
  return { output, seconds: (performance.now() - start) / 1000, peakBytes, peakPrivateBytes };
}

interface ProcessMemory {
  readonly parent: number;
  readonly bytes: number;
  readonly privateBytes: number;
}

async function treeMemory(root: number): Promise<Omit<ProcessMemory, "parent">> {
  const processes = new Map<number, ProcessMemory>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // Gone since it was listed.
    const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    processes.set(Number(name), {
      parent: field(status, "PPid"),
      bytes: field(status, "VmRSS") * 1024,
      privateBytes: field(status, "RssAnon") * 1024,
    });
  }
  const belongs = (id: number | undefined): boolean =>
    id === root || (id !== undefined && id > 1 && belongs(processes.get(id)?.parent));
  const own = [...processes].flatMap(([id, memory]) => (belongs(id) ? [memory] : []));
  return {
    bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    privateBytes: own.reduce((sum, { privateBytes }) => sum + privateBytes, 0),
  };
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
}
