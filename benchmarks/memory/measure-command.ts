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
  /** The same without pages of files, which the system takes back where it needs them. */
  readonly peakPrivateBytes: number;
}

/** Runs a Node script to its end. Rejects when it fails. */
export async function measureCommand(script: string, args: readonly string[]): Promise<MeasuredCommand> {
  const start = performance.now();
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = once(child, "close");
  let peakBytes = 0;
  let peakPrivateBytes = 0;
  while (child.exitCode === null && child.signalCode === null) {
    const held = await treeMemory(child.pid ?? 0);
    peakBytes = Math.max(peakBytes, held.bytes);
    peakPrivateBytes = Math.max(peakPrivateBytes, held.privateBytes);
    await Promise.race([delay(INTERVAL_MS), ended]);
  }
  await ended;
  if (child.exitCode !== 0) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}`);
  return { output, seconds: (performance.now() - start) / 1000, peakBytes, peakPrivateBytes };
}

interface HeldMemory {
  readonly bytes: number;
  readonly privateBytes: number;
}

interface ProcessMemory extends HeldMemory {
  readonly parent: number;
}

async function treeMemory(root: number): Promise<HeldMemory> {
  const processes = new Map<number, ProcessMemory>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // Gone since it was listed.
    const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
    const bytes = field(status, "VmRSS") * 1024;
    const privateBytes = bytes - field(status, "RssFile") * 1024;
    processes.set(Number(name), { parent: field(status, "PPid"), bytes, privateBytes });
  }
  const belongs = (id: number | undefined): boolean =>
    id === root || (id !== undefined && id > 1 && belongs(processes.get(id)?.parent));
  const own = [...processes].filter(([id]) => belongs(id)).map(([, memory]) => memory);
  return {
    bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
    privateBytes: own.reduce((sum, { privateBytes }) => sum + privateBytes, 0),
  };
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
}
