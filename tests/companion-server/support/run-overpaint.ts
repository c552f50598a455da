import { type ChildProcess, spawn } from "node:child_process";
import { inRepository } from "../../support/repository.ts";

export interface FinishedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const entry = inRepository("dist/programs/overpaint.js");

/** Starts the built command line without anything of this machine's settings but `settings`. */
export function startOverpaint(args: readonly string[], cwd: string, settings: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { PATH: process.env.PATH, CI: "true", HOME: cwd, OVERPAINT_DATA: cwd, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export async function finished(child: ChildProcess): Promise<FinishedRun> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

export function runOverpaint(
  args: readonly string[],
  cwd: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<FinishedRun> {
  return finished(startOverpaint(args, cwd, settings));
}
