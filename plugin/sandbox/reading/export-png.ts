import type { Shape } from "@penpot/plugin-types";
import { EXPORT_TIMEOUT_MS } from "../../../shared/protocol/plugin/timeouts.ts";
import { withTimeout } from "../panel/with-timeout.ts";

/** A picture of what the shape looks like, `scale` pixels a page unit. */
export async function exportPng(shape: Shape, scale: number): Promise<Uint8Array> {
  return await withTimeout(shape.export({ type: "png", scale }), EXPORT_TIMEOUT_MS, "the export");
}
