import type { Fill, LibraryColor, LibraryContext, Shape, Stroke, Text, TextRange } from "@penpot/plugin-types";
import { unionOf } from "../../document/arrange.ts";
import { type Document, defaultShape, getShape, type LibraryAsset } from "../../document/document.ts";
import { shapeBounds } from "../../document/geometry-edits.ts";
import type { ShapeId } from "../../document/shape.ts";
import { defaultTextStyle } from "../../document/text.ts";
import { cloneShape, groupShapes } from "../../document/tree-edits.ts";
import { pluginObject } from "../plugin-object.ts";
import type { PluginSession } from "../plugin-session.ts";
import { shapeIdOf } from "../shapes/shape-handle.ts";
import { shapeProxy } from "../shapes/shape-proxy.ts";
import { assetPluginData, filePluginData } from "./plugin-data.ts";

const { fills: _fills, align: _align, direction: _direction, ...typographyDefaults } = defaultTextStyle;
const colorKeys = ["color", "opacity", "gradient", "image"] as const;
const typographyKeys = Object.keys(typographyDefaults);

/** The file's own library. No others can be connected here, and tokens do not exist. */
export function libraryContext(session: PluginSession): LibraryContext {
  const assets = (kind: LibraryAsset["kind"]) => session.document.library.filter((asset) => asset.kind === kind);
  const add = (member: string, asset: Omit<LibraryAsset, "id" | "path" | "pluginData">) => {
    const id = crypto.randomUUID();
    session.edit(member, (document) => withAsset(document, { ...asset, id, path: "", pluginData: {} }));
    return id;
  };
  const local = pluginObject(filePluginData(session), {
    get id() {
      return session.document.fileId;
    },
    get name() {
      return session.document.name;
    },
    get colors() {
      return assets("color").map(({ id }) => colorAsset(session, id));
    },
    get typographies() {
      return assets("typography").map(({ id }) => typographyAsset(session, id));
    },
    get components() {
      return assets("component").map(({ id }) => componentAsset(session, id));
    },
    get tokens() {
      return { sets: [], themes: [] };
    },
    createColor: () =>
      colorAsset(
        session,
        add("createColor", { kind: "color", name: "Color", values: { color: "#000000", opacity: 1 } }),
      ),
    createTypography: () =>
      typographyAsset(
        session,
        add("createTypography", { kind: "typography", name: "Typography", values: typographyDefaults }),
      ),
    createComponent: (shapes: readonly Shape[]) => createComponent(session, shapes.map(shapeIdOf), add),
  });
  return pluginObject({
    get local() {
      return local;
    },
    get connected() {
      return [];
    },
    availableLibraries: async () => [],
    connectLibrary: async (id: string) => {
      throw new Error(`There is no library ${id} to connect in the playground.`);
    },
  }) as LibraryContext;
}

function withAsset(document: Document, asset: LibraryAsset): Document {
  return { ...document, library: [...document.library.filter(({ id }) => id !== asset.id), asset] };
}

/** Name, path, plugin data, and the values of these keys, which are taken as they are. */
function assetMembers(session: PluginSession, id: string, keys: readonly string[]): object[] {
  const data = () => {
    const asset = session.document.library.find((each) => each.id === id);
    if (!asset) throw new Error("the asset was removed from the library");
    return asset;
  };
  const update = (member: string, change: Partial<LibraryAsset>) =>
    session.edit(member, (document) => withAsset(document, { ...data(), ...change }));
  const values = {};
  for (const key of keys)
    Object.defineProperty(values, key, {
      get: () => data().values[key],
      set: (value: unknown) => update(key, { values: { ...data().values, [key]: value } }),
      enumerable: true,
    });
  const common = {
    id,
    get libraryId() {
      return session.document.fileId;
    },
    get name() {
      return data().name;
    },
    set name(name) {
      update("name", { name });
    },
    get path() {
      return data().path;
    },
    set path(path) {
      update("path", { path });
    },
  };
  return [common, values, assetPluginData(session, id)];
}

function colorAsset(session: PluginSession, id: string): LibraryColor {
  const members = assetMembers(session, id, colorKeys);
  const color = pluginObject(...members, {
    asFill(): Fill {
      const { color: fillColor = "#000000", gradient, opacity = 1 } = color;
      const reference = { fillColorRefId: id, fillColorRefFile: session.document.fileId, fillOpacity: opacity };
      return gradient ? { fillColorGradient: gradient, ...reference } : { fillColor, ...reference };
    },
    asStroke(): Stroke {
      return { strokeColor: color.color ?? "#000000", strokeOpacity: color.opacity ?? 1, strokeWidth: 1 };
    },
  }) as LibraryColor;
  return color;
}

function typographyAsset(session: PluginSession, id: string): object {
  const typography = pluginObject(...assetMembers(session, id, typographyKeys), {
    applyToText: (text: Text) => text.applyTypography(typography),
    applyToTextRange: (range: TextRange) => range.applyTypography(typography),
    setFont: (font: { fontId: string; fontFamily: string }) => {
      typography.fontId = font.fontId;
      typography.fontFamily = font.fontFamily;
    },
  }) as Parameters<Text["applyTypography"]>[0];
  return typography;
}

/** The shapes' own board or group becomes the main one; instances are plain copies of it. */
function createComponent(
  session: PluginSession,
  ids: readonly ShapeId[],
  add: (member: string, asset: Pick<LibraryAsset, "kind" | "name" | "values">) => string,
): object {
  const board = { ...defaultShape("Component"), type: "board", children: [], clipContent: true, fills: [] } as const;
  const [only] = ids;
  const isBoard = ids.length === 1 && only !== undefined && getShape(session.document, only).type === "board";
  if (!isBoard)
    session.edit("createComponent", (document) => {
      const boxes = ids.map((id) => shapeBounds(document, getShape(document, id)));
      return groupShapes(document, { ...board, ...unionOf(boxes) }, ids);
    });
  const mainId = isBoard ? only : board.id;
  return componentAsset(session, add("createComponent", { kind: "component", name: "Component", values: { mainId } }));
}

function componentAsset(session: PluginSession, id: string): object {
  const mainId = () => session.document.library.find((asset) => asset.id === id)?.values.mainId as ShapeId;
  return pluginObject(...assetMembers(session, id, []), {
    mainInstance: () => shapeProxy(session, mainId()),
    instance() {
      let cloneId = mainId();
      session.edit("instance", (document) => {
        const clone = cloneShape(document, mainId());
        cloneId = clone.cloneId;
        return clone.document;
      });
      return shapeProxy(session, cloneId);
    },
    isVariant: () => false,
  });
}
