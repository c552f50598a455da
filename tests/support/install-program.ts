import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Test processes that start together must not run two package managers at once. */
const lockFolder = join(tmpdir(), "overpaint-install.lock");
/** A slow mirror needs a few minutes for a browser's 100 MB and its libraries; a lock older than this was left by a crash. */
const LOCK_LIFETIME_MS = 15 * 60_000;
const LOCK_POLL_MS = 1_000;

/** Commands that run in order; the first that fails ends the attempt. */
export type InstallAttempt = readonly (readonly [program: string, ...args: string[]])[];

export interface ProgramInstallation {
  /** As the tests that need it would say it: "Chrome or Chromium". */
  readonly name: string;
  /** What is installed, or undefined. */
  readonly find: () => string | undefined;
  readonly attempts: readonly InstallAttempt[];
  /** How a person installs it where every attempt fails, a line each. */
  readonly advice: readonly string[];
}

/** The attempt by Debian's own packages, or none where this is no Debian or may not install. */
export function debianAttempt(...packages: readonly string[]): readonly InstallAttempt[] {
  const isDebianAsRoot = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (!isDebianAsRoot) return [];
  return [
    [
      ["apt-get", "update"],
      ["apt-get", "install", "-y", "--no-install-recommends", ...packages],
    ],
  ];
}

/** Installs a program by the first way that works, unless it is there, and returns what `find` then finds. */
export async function installProgram({ name, find, attempts, advice }: ProgramInstallation): Promise<string> {
  await lock();
  try {
    const already = find();
    if (already) return already;
    const failures: string[] = [];
    for (const attempt of attempts) {
      const failure = failureOf(attempt);
      const found = failure === undefined ? find() : undefined;
      if (found) return found;
      failures.push(failure ?? "finished, but it was not found afterwards");
    }
    throw new Error(
      [
        `The tests need ${name}, and it could not be installed.`,
        ...failures.map((failure) => `- ${failure}`),
        ...advice,
      ].join("\n"),
    );
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}

/** What went wrong. */
function failureOf(attempt: InstallAttempt): string | undefined {
  for (const [program, ...args] of attempt) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const { status, error, stderr } = spawnSync(program, args, { env, encoding: "utf8" });
    if (status === 0) continue;
    return `${[program, ...args].join(" ")}: ${(error?.message ?? stderr).trim().slice(-500)}`;
  }
  return undefined;
}

async function lock(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(lockFolder);
      return;
    } catch {
      const age = Date.now() - (statSync(lockFolder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > LOCK_LIFETIME_MS) rmSync(lockFolder, { recursive: true, force: true });
      await delay(LOCK_POLL_MS);
    }
  }
}
