import { once } from "node:events";
import { createInterface } from "node:readline";
import { startOverpaint } from "../companion-server/support/run-overpaint.ts";

export interface ServedCompanion {
  /** Where the playground is, as the companion prints it. */
  readonly playgroundUrl: string;
  readonly dataFolder: string;
  /** Asks it to end, as Ctrl+C does, and waits until it has. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** Runs the built `overpaint serve` on a free port, drawing on the processor. `environment` is added to the little it is given. */
export async function startCompanion(
  dataFolder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServedCompanion> {
  const args = ["serve", "--port", "0", "--no-open", "--device", "cpu", "--data", dataFolder];
  const child = startOverpaint(args, dataFolder, environment);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("The companion was started without its output.");
  const exited = once(child, "exit");
  let errors = "";
  stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  for await (const line of createInterface({ input: stdout })) {
    const playgroundUrl = /https?:\/\/\S+\/playground\//.exec(line)?.[0];
    if (playgroundUrl === undefined) continue;
    stdout.resume();
    return { playgroundUrl, dataFolder, stop };
  }
  throw new Error(`The companion ended before it listened: ${errors}`);
}
