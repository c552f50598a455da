import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { Engine, EngineEvent, EngineJob, EngineReport } from "./engine.ts";

export interface RetryOptions {
  /** `attempt` is 1-based. Variants finished by the first attempt are announced once only. */
  readonly onEvent: (event: EngineEvent, attempt: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** Variants that an earlier run announced already. Default: none. */
  readonly announced?: readonly number[];
}

const MAX_ATTEMPTS = 2;

/** Runs a job, and once more when the engine's process died: drivers fault, and the second time they rarely do. */
export async function runWithRetry(
  engine: Engine,
  job: EngineJob,
  { onEvent, signal, announced: earlier = [] }: RetryOptions,
): Promise<EngineReport> {
  const announced = new Set<number>(earlier);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await engine.run(job, {
        signal,
        onEvent: (event) => {
          if (event.type === "result") {
            if (announced.has(event.result.variant)) return;
            announced.add(event.result.variant);
          }
          onEvent(event, attempt);
        },
      });
    } catch (error) {
      if (toErrorData(error).code !== "engine-crashed" || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
