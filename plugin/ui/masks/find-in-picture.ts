import type { Selected } from "../../../shared/protocol/selection.ts";
import { selectorFor } from "../models/model-for.ts";
import type { Panel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import type { Point } from "./mask-stroke.ts";
import type { MaskPatch } from "./shapes/draw-region.ts";

type Finder = Pick<Panel, "engines" | "pixels">;

/** The thing at a point of a picture: by a model that takes clicks where one is there, else as far as its edges tell. */
export async function findObjectIn(session: EditSession, { x, y }: Point, finder: Finder): Promise<MaskPatch> {
  const found = await findIn(session, { type: "object", points: [{ x, y, isPart: true }] }, finder);
  return found ?? (await finder.pixels.growObject(session.source, { x, y }));
}

/** What a picture is of or, turned, all around it; undefined where no model is there that finds it. */
export function findSubjectIn(session: EditSession, isTurned: boolean, finder: Finder): Promise<MaskPatch | undefined> {
  return findIn(session, { type: "subject" }, finder, isTurned);
}

async function findIn(
  { source: { bytes, mime } }: EditSession,
  of: Selected,
  { engines, pixels }: Finder,
  isTurned = false,
): Promise<MaskPatch | undefined> {
  const model = selectorFor(engines.models.peek(), of.type);
  if (model === undefined) return undefined;
  const engine = await engines.engine();
  return await pixels.readPatch(await engine.select({ image: { bytes, mime }, of, model }), isTurned);
}
