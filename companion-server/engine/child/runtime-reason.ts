/** Long enough for a sentence of the runtime, short enough for one line. */
const MAX_LENGTH = 300;

/** The inference runtime's own words for a failure, without the places in its sources. */
export function runtimeReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/\/\S*onnxruntime_src\/.*? was false\. /s, "")
    .trim()
    .slice(0, MAX_LENGTH);
}
