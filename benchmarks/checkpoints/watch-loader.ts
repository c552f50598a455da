import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";

const reportSchema = z.object({
  event: z.enum(["started", "ready", "step", "done"]),
  seconds: z.number(),
  processorSeconds: z.number(),
});

type Report = z.infer<typeof reportSchema>;

/** What loading and running took. Memory in bytes, private to the process, beyond what it had before it loaded anything. */
export interface Measured {
  readonly ready: Pick<Report, "seconds" | "processorSeconds">;
  readonly steps: readonly Pick<Report, "seconds" | "processorSeconds">[];
  readonly peakLoading: number;
  readonly loaded: number;
  /** Largest during the steps; undefined where there were none. */
  readonly peakRunning: number | undefined;
  /** Highest in all, with pages of files that are mapped. */
  readonly peakResident: number;
}

/** Memory that comes and goes within less is not seen. */
const MILLISECONDS_BETWEEN_LOOKS = 4;

/** Runs a loader in a process of its own, which reports in lines of JSON, and watches its memory. Linux only. */
export async function watchLoader(command: string, args: readonly string[]): Promise<Measured> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const reports: Report[] = [];
  let [start, peak, peakLoading, loaded, peakResident] = [0, 0, 0, 0, 0];
  const look = (): void => {
    const memory = memoryOf(child.pid);
    if (!memory) return;
    peak = Math.max(peak, memory.private);
    peakResident = Math.max(peakResident, memory.peakResident);
  };
  const timer = setInterval(look, MILLISECONDS_BETWEEN_LOOKS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith("{")) continue;
      const report = reportSchema.parse(JSON.parse(line));
      reports.push(report);
      look();
      const now = memoryOf(child.pid)?.private ?? 0;
      if (report.event === "started") start = now;
      if (report.event === "ready") [peakLoading, loaded] = [peak, now];
      if (report.event === "started" || report.event === "ready") peak = now;
    }
  } finally {
    clearInterval(timer);
  }
  const ready = reports.find(({ event }) => event === "ready");
  if (!ready || reports.at(-1)?.event !== "done") throw new Error(`${args.join(" ")} did not come to its end`);
  const steps = reports.filter(({ event }) => event === "step");
  return {
    ready,
    steps,
    peakLoading: peakLoading - start,
    loaded: loaded - start,
    peakRunning: steps.length === 0 ? undefined : peak - start,
    peakResident,
  };
}

/** In bytes. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function memoryOf(pid: number | undefined): { readonly private: number; readonly peakResident: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return { private: kibibytes("RssAnon") * 1024, peakResident: kibibytes("VmHWM") * 1024 };
  } catch {
    return undefined; // It has ended.
  }
}
