import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Test processes that start together must not run two package managers at once. */
const lockFolder = join(tmpdir(), "overpaint-chromium-install.lock");
/** A slow mirror needs a few minutes for Chromium's 100 MB and its libraries; a lock older than this was left by a crash. */
const LOCK_LIFETIME_MS = 15 * 60_000;
const LOCK_POLL_MS = 1_000;

interface Attempt {
  readonly commands: readonly (readonly [string, ...string[]])[];
}

function attempts(): readonly Attempt[] {
  const playwright = createRequire(import.meta.url).resolve("playwright-core/package.json");
  const download: Attempt = {
    commands: [[process.execPath, join(playwright, "..", "cli.js"), "install", "chromium"]],
  };
  const isDebianAsRoot = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (!isDebianAsRoot) return [download];
  // Debian's package brings the shared libraries that a bare download lacks, so it comes first.
  const debian: Attempt = {
    commands: [
      ["apt-get", "update"],
      ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
    ],
  };
  return [debian, download];
}

/** Runs the commands in order; the first that fails ends it. Returns what went wrong. */
function failureOf(attempt: Attempt): string | undefined {
  for (const [program, ...args] of attempt.commands) {
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

/** Installs Chromium by the first way that works and returns what `find` then finds. */
export async function installChromium(find: () => string | undefined): Promise<string> {
  await lock();
  try {
    const already = find();
    if (already) return already;
    const failures: string[] = [];
    for (const attempt of attempts()) {
      const failure = failureOf(attempt);
      const found = failure === undefined ? find() : undefined;
      if (found) return found;
      failures.push(failure ?? "finished, but no browser was found afterwards");
    }
    throw new Error(
      [
        "The browser tests need Chrome or Chromium, and it could not be installed.",
        ...failures.map((failure) => `- ${failure}`),
        "Install it (Debian: apt-get install chromium; elsewhere: npx playwright-core install --with-deps chromium),",
        "or set CHROME_PATH to the executable of one you have.",
      ].join("\n"),
    );
  } finally {
    rmSync(lockFolder, { recursive: true, force: true });
  }
}
