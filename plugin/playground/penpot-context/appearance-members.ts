import { getShape } from "../document/document.ts";
import type { ShapeData, ShapeId } from "../document/shape.ts";
import { updateShape } from "../document/tree-edits.ts";
import { fromPluginFills, toPluginFill } from "./fills.ts";
import type { PluginSession } from "./plugin-session.ts";

/** How a shape looks. Strokes and effects do not exist in the playground. */
export function appearanceMembers(session: PluginSession, id: ShapeId) {
  const data = () => getShape(session.document, id);
  const update = (member: string, change: Partial<Omit<ShapeData, "type">>) =>
    session.edit(member, (document) => updateShape(document, id, (shape) => ({ ...shape, ...change })));
  return {
    get name() {
      return data().name;
    },
    set name(value) {
      const name = typeof value === "string" ? value.trim() : "";
      if (name === "" || name.endsWith("/")) session.refuse("name", value);
      else update("name", { name });
    },
    get fills() {
      return data().fills.map((fill) => toPluginFill(fill, session.store.media));
    },
    set fills(value) {
      session.edit("fills", (document) => {
        const fills = fromPluginFills(value, session.store.media);
        if (data().type === "group") throw new Error("groups have no fills");
        return updateShape(document, id, (shape) => ({ ...shape, fills }));
      });
    },
    get opacity() {
      return data().opacity;
    },
    set opacity(value) {
      if (!(value >= 0 && value <= 1)) session.refuse("opacity", value);
      else update("opacity", { opacity: value });
    },
    get borderRadius() {
      return data().borderRadius;
    },
    set borderRadius(value) {
      update("borderRadius", { borderRadius: value });
    },
    get hidden() {
      return data().isHidden;
    },
    set hidden(value) {
      update("hidden", { isHidden: value });
    },
    get visible() {
      return !data().isHidden;
    },
    set visible(value) {
      update("visible", { isHidden: !value });
    },
    get blocked() {
      return data().isBlocked;
    },
    set blocked(value) {
      update("blocked", { isBlocked: value });
    },
    get strokes() {
      return [];
    },
    get shadows() {
      return [];
    },
  };
}
