import type { PluginData } from "@penpot/plugin-types";
import { type Document, updatePage } from "../../document/document.ts";
import type { PluginDataMap } from "../../document/shape.ts";
import type { PluginSession } from "../plugin-session.ts";
import type { ShapeHandle } from "../shapes/shape-handle.ts";

/** Where strings are kept. */
interface Keeper {
  readonly pluginId: string;
  read(): PluginDataMap;
  write(member: string, change: (data: PluginDataMap) => PluginDataMap): void;
  refuse(member: string, value: unknown): void;
}

/** Strings kept with a shape, page, file or asset, private to a plugin or shared under a namespace. */
function pluginDataMembers(keeper: Keeper): PluginData {
  const own = `plugin/${keeper.pluginId}`;
  const read = (namespace: string, key: string) => keeper.read()[namespace]?.[key] ?? "";
  const keys = (namespace: string) => Object.keys(keeper.read()[namespace] ?? {});
  const write = (member: string, namespace: string, key: string, value: string) => {
    if (typeof key !== "string") keeper.refuse(`${member}-key`, key);
    else if (typeof value !== "string") keeper.refuse(`${member}-value`, value);
    else keeper.write(member, (data) => ({ ...data, [namespace]: { ...data[namespace], [key]: value } }));
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

export function shapePluginData(handle: ShapeHandle): PluginData {
  return pluginDataMembers({
    ...sessionKeeper(handle.session),
    read: () => handle.data.pluginData,
    write: (member, change) => handle.change(member, (shape) => ({ ...shape, pluginData: change(shape.pluginData) })),
  });
}

export function filePluginData(session: PluginSession): PluginData {
  return pluginDataMembers({
    ...sessionKeeper(session),
    read: () => session.document.filePluginData,
    write: (member, change) =>
      session.edit(member, (document) => ({ ...document, filePluginData: change(document.filePluginData) })),
  });
}

export function pagePluginData(session: PluginSession, pageId: string): PluginData {
  return pluginDataMembers({
    ...sessionKeeper(session),
    read: () => session.documentOf(pageId).pagePluginData,
    write: (member, change) =>
      session.edit(member, (document) =>
        updatePage(document, pageId, (page) => ({ pagePluginData: change(page.pagePluginData) })),
      ),
  });
}

export function assetPluginData(session: PluginSession, assetId: string): PluginData {
  const assetOf = (document: Document) => document.library.find((asset) => asset.id === assetId);
  return pluginDataMembers({
    ...sessionKeeper(session),
    read: () => assetOf(session.document)?.pluginData ?? {},
    write: (member, change) =>
      session.edit(member, (document) => ({
        ...document,
        library: document.library.map((asset) =>
          asset.id === assetId ? { ...asset, pluginData: change(asset.pluginData) } : asset,
        ),
      })),
  });
}

function sessionKeeper(session: PluginSession): Pick<Keeper, "pluginId" | "refuse"> {
  return { pluginId: session.pluginId, refuse: (member, value) => session.refuse(member, value) };
}
