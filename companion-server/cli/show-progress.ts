import type { EngineEvent } from "../engine/engine.ts";

/** Keeps one line on the terminal up to date; writes nothing into files and pipes. */
export function showProgress(event: EngineEvent, isQuiet: boolean): void {
  if (isQuiet || !process.stderr.isTTY) return;
  const end = event.type === "result" ? "\n" : "";
  process.stderr.write(`\r\u001B[K${describe(event)}${end}`);
}

function describe(event: EngineEvent): string {
  switch (event.type) {
    case "started":
      return `drawing on ${event.device}`;
    case "step":
      return `variant ${event.variant + 1}: step ${event.step} of ${event.steps}`;
    case "result":
      return `variant ${event.result.variant + 1}: done`;
  }
}
