import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EditResult } from "../../shared/protocol/edit-event.ts";
import type { EngineEvent, EngineJob, EngineReport } from "../engine/engine.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import { runWithRetry } from "../engine/run-with-retry.ts";

export interface DrawnVariant extends EditResult {
  /** The layer as PNG; it exists as long as `use` runs. */
  readonly layerFile: string;
}

/**
 * Runs one edit on an engine of its own and hands over what it drew. An interrupt ends the engine at once and rejects with
 * `cancelled`.
 */
export async function drawOnce(
  job: Omit<EngineJob, "id" | "resultsFolder">,
  onEvent: (event: EngineEvent) => void,
  use: (variants: readonly DrawnVariant[], report: EngineReport) => Promise<void>,
): Promise<void> {
  const resultsFolder = await mkdtemp(join(tmpdir(), "overpaint-"));
  const engine = new EngineProcess();
  const interrupted = new AbortController();
  const interrupt = () => {
    interrupted.abort();
    void engine.close();
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const variants: DrawnVariant[] = [];
    const report = await runWithRetry(
      engine,
      { ...job, id: "once", resultsFolder },
      {
        signal: interrupted.signal,
        onEvent: (event) => {
          if (event.type === "result")
            variants.push({ ...event.result, layerFile: join(resultsFolder, `${event.result.variant}.png`) });
          onEvent(event);
        },
      },
    );
    await use(variants, report);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    await engine.close();
    await rm(resultsFolder, { recursive: true, force: true });
  }
}
