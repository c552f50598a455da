import { readdir, readFile } from "node:fs/promises";

/** Bytes that the largest renderer of a browser had resident at most: the tab with its workers. Linux. */
export async function peakOfRenderers(browser: number): Promise<number> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = new Map<number, number>();
  for (const pid of processes) {
    const status = await read(pid, "status");
    parents.set(Number(pid), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
  }
  const isOfBrowser = (pid: number): boolean => pid === browser || (pid > 1 && isOfBrowser(parents.get(pid) ?? 0));
  let peak = 0;
  for (const pid of processes) {
    if (!isOfBrowser(Number(pid)) || !(await read(pid, "cmdline")).includes("--type=renderer")) continue;
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(await read(pid, "status")) ?? [];
    peak = Math.max(peak, Number(kibibytes ?? 0) * 1024);
  }
  return peak;
}

/** Empty for a process that has ended meanwhile. */
async function read(pid: string, file: string): Promise<string> {
  return await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
}
