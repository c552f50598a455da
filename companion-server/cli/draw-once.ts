import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EditResult } from "../../shared/protocol/edit-event.ts";
import { drawOnDevices } from "../engine/draw-on-devices.ts";
import { type EngineEvent, type EngineJob, type EngineReport, eraseFile } from "../engine/engine.ts";
import { EngineProcess } from "../engine/engine-process.ts";

export interface DrawnVariant extends EditResult {
  /** The layer as PNG; it exists as long as `use` runs. */
  readonly layerFile: string;
  /** What it takes away from the source, as grey PNG over the layer's place; only where the result has `erases`. */
  readonly eraseFile: string;
}

export interface DrawOnceOptions {
  /** Ends the engine at once: nobody waits for the end of a step at a terminal. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
  readonly use: (variants: readonly DrawnVariant[], report: EngineReport) => Promise<void>;
}

/** Runs one edit on an engine of its own and hands over what it drew. Rejects as `Engine.run` does. */
export async function drawOnce(
  job: Omit<EngineJob, "id" | "resultsFolder">,
  { signal, onEvent, use }: DrawOnceOptions,
): Promise<void> {
  const resultsFolder = await mkdtemp(join(tmpdir(), "overpaint-"));
  const engine = new EngineProcess();
  const close = () => void engine.close();
  signal.addEventListener("abort", close);
  try {
    const variants: DrawnVariant[] = [];
    const remember = (event: EngineEvent) => {
      if (event.type === "result")
        variants.push({
          ...event.result,
          layerFile: join(resultsFolder, `${event.result.variant}.png`),
          eraseFile: eraseFile(resultsFolder, event.result.variant),
        });
      onEvent(event);
    };
    const report = await drawOnDevices(engine, { ...job, id: "once", resultsFolder }, { signal, onEvent: remember });
    // Nothing is drawn any more: what the engine holds of a large picture is free for writing it.
    await engine.close();
    await use(variants, report);
  } finally {
    signal.removeEventListener("abort", close);
    await engine.close();
    await rm(resultsFolder, { recursive: true, force: true });
  }
}
