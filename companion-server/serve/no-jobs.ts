import { arch, platform } from "node:os";
import type { Status } from "../../shared/protocol/api.ts";
import { OverpaintError, toErrorData } from "../../shared/protocol/overpaint-error.ts";
import { DiskArtifacts, jobsFolder } from "../jobs/artifacts.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { OpenedJobs } from "./open-jobs.ts";

/** What takes the place of jobs where a program of this system that they need is missing. */
export interface MissingJobs extends Omit<OpenedJobs, "queue" | "faults"> {
  readonly queue: JobQueue;
  /** As status tells of it. */
  readonly missing: Pick<Status, "device" | "devices">;
}

/** Whether an import failed because a package has no binary for this system (an Intel Mac, Windows on Arm). */
export function isBinaryMissing(error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return (
    code === "MODULE_NOT_FOUND" ||
    code === "ERR_MODULE_NOT_FOUND" ||
    /cannot find (module|package)/i.test(message ?? "")
  );
}

/** Panel and playground are served all the same, and draw in the browser. */
export function noJobs(dataFolder: string, cause: unknown): MissingJobs {
  const system = `${platform()}-${arch()}`;
  const refuse = async (): Promise<never> => {
    throw new OverpaintError(
      "engine-unavailable",
      `The companion cannot draw on ${system}: a part of it has no binary for it (${toErrorData(cause).message.split("\n")[0]}).`,
      "The panel draws in the browser.",
      { cause },
    );
  };
  const queue: JobQueue = {
    reserve: refuse,
    discard: async () => {},
    submit: refuse,
    list: async () => ({ jobs: [] }),
    get: refuse,
    countActive: async () => 0,
    // biome-ignore lint/correctness/useYield: it has no events
    async *events() {
      await refuse();
    },
    cancel: refuse,
    noteFetched: refuse,
    acknowledge: refuse,
    close: async () => {},
  };
  return {
    queue,
    stepTimes: { ofModels: () => new Map() },
    artifacts: new DiskArtifacts(jobsFolder(dataFolder)),
    missing: {
      device: "none",
      devices: [{ device: "cpu", works: false, reason: `a part has no binary for ${system}` }],
    },
    trouble: `A part of the companion has no binary for ${system}: it serves the panel, which draws in the browser.`,
    close: async () => {},
  };
}
