import type { EditRequest } from "../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../shared/protocol/geometry.ts";

/** What a job gives way for each million pixels that one step draws: a few times what a graphics card takes for it. */
const WAY_PER_WORK_MS = 2_000;
const LONGEST_WAY_MS = 60 * 60_000;
/** Edits of a part of a picture draw that part, scaled to what models know. */
const LARGEST_PART = 2;
const USUAL_STEPS = 20;
const MILLION = 1_000_000;

/**
 * When a job is due, in milliseconds since 1970; what is due earlier is drawn first:
 *
 *     due = arrival + 2 s · megapixels · steps · variants, an hour later at most
 *
 * So a small edit overtakes sixteen posters that came minutes before, and none of those waits for ever: what comes later than its
 * due time comes after it.
 */
export function dueAt(arrival: number, request: EditRequest, source: PixelSize | undefined): number {
  const work = megapixels(request, source) * (request.steps ?? USUAL_STEPS) * request.count;
  return arrival + Math.min(LONGEST_WAY_MS, Math.round(work * WAY_PER_WORK_MS));
}

function megapixels(request: EditRequest, source: PixelSize | undefined): number {
  switch (request.task) {
    case "create":
    case "upscale":
      return (request.width * request.height) / MILLION;
    default:
      return source === undefined ? 1 : Math.min(LARGEST_PART, (source.width * source.height) / MILLION);
  }
}
