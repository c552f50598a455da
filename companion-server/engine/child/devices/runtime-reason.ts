/** Long enough for a sentence of the runtime, short enough for one line. */
const MAX_LENGTH = 300;

/** A place in the runtime's sources and the function there, whose parameters may have parentheses of their own. */
const SOURCE_PLACE = /\/\S*onnxruntime_src\/\S+:\d+ [^()]*\((?:[^()]|\([^()]*\))*\)(?: const)? /g;

/** The inference runtime's own words for a failure, without the places in its sources and the graph's in the file system. */
export function runtimeReason(error: unknown): string {
  const reason = (error instanceof Error ? error.message : String(error))
    .replace(/^Load model from .*? failed: ?/s, "")
    .replace(/\/\S*onnxruntime_src\/.*? was false\. /s, "")
    .replace(SOURCE_PLACE, "")
    .trim();
  return reason.length <= MAX_LENGTH ? reason : `${reason.slice(0, MAX_LENGTH).replace(/\s+\S*$/, "")} …`;
}
