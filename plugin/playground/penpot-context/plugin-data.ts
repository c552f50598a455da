import type { PluginData } from "@penpot/plugin-types";
import { getShape } from "../document/document.ts";
import type { ShapeId } from "../document/shape.ts";
import { updateShape } from "../document/tree-edits.ts";
import type { PluginSession } from "./plugin-session.ts";

/** Strings kept with a shape, private to a plugin or shared under a namespace. */
export function pluginDataMembers(session: PluginSession, id: ShapeId): PluginData {
  const own = `plugin/${session.pluginId}`;
  const read = (namespace: string, key: string) => getShape(session.document, id).pluginData[namespace]?.[key] ?? "";
  const keys = (namespace: string) => Object.keys(getShape(session.document, id).pluginData[namespace] ?? {});
  const write = (member: string, namespace: string, key: string, value: string) => {
    if (typeof key !== "string") return session.refuse(`${member}-key`, key);
    if (typeof value !== "string") return session.refuse(`${member}-value`, value);
    session.edit(member, (document) =>
      updateShape(document, id, (shape) => ({
        ...shape,
        pluginData: { ...shape.pluginData, [namespace]: { ...shape.pluginData[namespace], [key]: value } },
      })),
    );
  };
  return {
    getPluginData: (key) => read(own, key),
    setPluginData: (key, value) => write("setPluginData", own, key, value),
    getPluginDataKeys: () => keys(own),
    getSharedPluginData: (namespace, key) => read(`shared/${namespace}`, key),
    setSharedPluginData: (namespace, key, value) => write("setSharedPluginData", `shared/${namespace}`, key, value),
    getSharedPluginDataKeys: (namespace) => keys(`shared/${namespace}`),
  };
}
