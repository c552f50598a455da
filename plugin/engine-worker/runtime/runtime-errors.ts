import type { BrowserDevice } from "../../../shared/protocol/engine-worker-api.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** In the runtime's words; the last two are of sizes that no 32-bit address reaches. */
const OUT_OF_MEMORY =
  /out of memory|bad_alloc|failed to allocate|allocation failed|memory\.grow|SafeIntOnOverflow|shape is too large/i;

function isOutOfMemory(error: unknown): boolean {
  return OUT_OF_MEMORY.test(String(error));
}

/** Why a graph could not be opened. `name` is how messages call its file. */
export function openingError(name: string, device: BrowserDevice["device"], cause: unknown): OverpaintError {
  if (cause instanceof OverpaintError) return cause;
  const reason = reasonOf(cause);
  if (isOutOfMemory(cause)) return outOfMemory(`The browser has no room for ${name}.`, cause);
  if (device === "webgpu") return unavailable(reason, cause);
  return new OverpaintError(
    "damaged-model",
    `The model's file ${name} cannot be loaded: ${reason}`,
    "Restore the file from where the model came from.",
    { cause },
  );
}

/** Why a graph could not be run. */
export function runningError(device: BrowserDevice["device"], cause: unknown): OverpaintError {
  const reason = reasonOf(cause);
  if (isOutOfMemory(cause)) return outOfMemory("The browser ran out of memory while drawing.", cause);
  if (device === "webgpu") return unavailable(reason, cause);
  return new OverpaintError("internal", `The model failed while drawing: ${reason}`, undefined, { cause });
}

function unavailable(reason: string, cause: unknown): OverpaintError {
  return new OverpaintError("device-unavailable", `WebGPU: ${reason}`, undefined, { cause });
}

function outOfMemory(message: string, cause: unknown): OverpaintError {
  const remedy = "Start the companion, paint a smaller area or use a smaller model.";
  return new OverpaintError("out-of-memory", message, remedy, { cause });
}

/** Reasons are shown in the panel, which has room for a few lines. */
const MAX_REASON_CHARACTERS = 300;

/** The runtime's words. A C++ exception arrives as a bare number: its address in the module's memory. */
function reasonOf(error: unknown): string {
  if (typeof error === "number") return "the runtime stopped without a message";
  return (error instanceof Error ? error.message : String(error)).trim().slice(0, MAX_REASON_CHARACTERS);
}
