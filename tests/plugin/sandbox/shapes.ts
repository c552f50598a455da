import { defaultShape } from "../../../plugin/playground/document/document.ts";
import type { ShapeData } from "../../../plugin/playground/document/shape.ts";

export function rectangle(change: Partial<ShapeData> = {}): ShapeData {
  return { ...defaultShape("Picture"), type: "rectangle", ...change } as ShapeData;
}
