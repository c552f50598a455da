import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { debianAttempt, installProgram } from "./install-program.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export interface TestRedis extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>`, or `rediss:` */
  readonly url: string;
  readonly port: number;
  /** Kills it, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

export interface TestRedisOptions {
  /** Whether it writes what it holds to a disk, and has it again after a restart. Default: false. */
  readonly keepsData?: boolean;
  readonly password?: string;
  /** Files in PEM; it listens with TLS alone. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

function findRedis(): string | undefined {
  const searched = (process.env.PATH ?? "").split(delimiter).concat("/usr/bin", "/usr/local/bin");
  return searched.map((folder) => join(folder, "redis-server")).find((path) => existsSync(path));
}

/** A Redis of its own on a free loopback port. Installs Debian's package where there is none. `await using` ends it. */
export async function testRedis({ keepsData = false, password, tls }: TestRedisOptions = {}): Promise<TestRedis> {
  const executable = await installProgram({
    name: "Redis",
    find: findRedis,
    attempts: debianAttempt("redis-server"),
    advice: ["Install it (Debian: apt-get install redis-server)."],
  });
  const folder = await temporaryFolder();
  const port = await freePort();
  const settings: Readonly<Record<string, string>> = {
    ...(tls
      ? {
          port: "0",
          "tls-port": String(port),
          "tls-cert-file": tls.cert,
          "tls-key-file": tls.key,
          "tls-ca-cert-file": tls.cert,
          "tls-auth-clients": "no",
        }
      : { port: String(port) }),
    bind: "127.0.0.1",
    dir: folder.path,
    save: "",
    appendonly: keepsData ? "yes" : "no",
    ...(password !== undefined && { requirepass: password }),
  };
  const start = async () => {
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(executable, args, { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: child.stdout }))
      if (line.includes("Ready to accept connections")) {
        child.stdout.resume();
        return child;
      }
    throw new Error(`Redis ended before it listened on port ${port}.`);
  };
  let child = await start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    url: `${tls ? "rediss" : "redis"}://127.0.0.1:${port}`,
    port,
    kill,
    async start() {
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await folder.remove();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  server.close();
  await once(server, "close");
  return port;
}
