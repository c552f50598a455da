import { fork } from "node:child_process";
import type { ProvedProfile } from "../../shared/diffusion/checkpoint/prove-profile.ts";
import type { Device } from "../../shared/protocol/api.ts";
import { programFile } from "../package-root.ts";
import { withCard } from "./card-variable.ts";

const PROBE_ENTRY = programFile("probe");
/** Loading CUDA's libraries from a cold disk takes several seconds; software that imitates a card takes as long to draw. */
const PROBE_LIMIT_MS = 30_000;

/** Asks a throwaway process to compute on `device`. Never rejects: whatever happens to that process is the answer. */
export function probeDevice(
  device: Device,
  card?: number,
  { entry = PROBE_ENTRY, limit = PROBE_LIMIT_MS } = {},
): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const child = fork(entry, [], { execArgv: [], env: withCard(card), stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const answer = (result: ProbeAnswer) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      resolve(result);
    };
    const timer = setTimeout(() => answer({ works: false, reason: `no answer within ${limit / 1000} s` }), limit);
    child.once("message", (message) => answer(message as ProbeAnswer));
    child.once("error", (error) => answer({ works: false, reason: error.message }));
    child.once("exit", (code, signal) =>
      answer({ works: false, reason: `its driver ended the process (${signal ?? `exit code ${code}`})` }),
    );
    child.send({ device } satisfies ProbeQuestion, () => {});
  });
}

export interface ProbeQuestion {
  readonly device: Device;
}

export type ProbeAnswer =
  /** How long one run of the probe graph took, and how graphs of checkpoints are written for the device because of what was seen. */
  | { readonly works: true; readonly milliseconds: number; readonly proved?: ProvedProfile }
  | { readonly works: false; readonly reason: string };
