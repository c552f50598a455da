import type { Font, FontsContext, FontVariant, Text, TextRange } from "@penpot/plugin-types";
import { font, variantOfWeight } from "../../document/text.ts";
import { pluginObject } from "../plugin-object.ts";

const variants: readonly FontVariant[] = font.weights.map((weight) => ({
  name: weight === "400" ? "regular" : weight,
  fontVariantId: variantOfWeight(weight),
  fontWeight: weight,
  fontStyle: "normal",
}));

/** The one typeface that comes with the playground. */
export function fontsContext(): FontsContext {
  const workSans = pluginObject({
    name: font.name,
    fontId: font.id,
    fontFamily: font.family,
    fontStyle: "normal",
    fontVariantId: "regular",
    fontWeight: "400",
    variants,
    applyToText: apply,
    applyToRange: apply,
  }) as Font;
  const byId = (id: string) => (id === font.id ? [workSans] : []);
  const byName = (name: string) => (name.toLowerCase() === font.name.toLowerCase() ? [workSans] : []);
  return pluginObject({
    get all() {
      return [workSans];
    },
    findById: (id: string) => byId(id)[0] ?? null,
    findByName: (name: string) => byName(name)[0] ?? null,
    findAllById: byId,
    findAllByName: byName,
  }) as FontsContext;
}

function apply(text: Text | TextRange, variant?: FontVariant): void {
  text.fontId = font.id;
  text.fontFamily = font.family;
  text.fontVariantId = variant?.fontVariantId ?? "regular";
  text.fontStyle = variant?.fontStyle ?? "normal";
}
