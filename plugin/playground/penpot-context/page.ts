import type { Board, File, FileVersion, Flow, Page } from "@penpot/plugin-types";
import { z } from "zod";
import {
  addPage,
  type Document,
  emptyPage,
  type Flow as FlowData,
  removePage,
  updatePage,
} from "../document/document.ts";
import type { DocumentStore } from "../document/document-store.ts";
import type { ShapeId } from "../document/shape.ts";
import { filePluginData, pagePluginData } from "./plugin-data.ts";
import { pluginObject } from "./plugin-object.ts";
import type { PluginSession } from "./plugin-session.ts";
import { rulerGuideMembers } from "./ruler-guides.ts";
import { parsed, shapeIdOf } from "./shape-handle.ts";
import { shapeProxies, shapeProxy } from "./shape-proxy.ts";

/** The open file as plugins see it. Versions are kept as long as the playground is open; Penpot's file format is its servers'. */
export function createFile(session: PluginSession): File {
  const file = pluginObject(filePluginData(session), {
    get id() {
      return session.document.fileId;
    },
    get name() {
      return session.document.name;
    },
    get revn() {
      return session.store.revision;
    },
    get pages() {
      return session.document.pageOrder.map((id) => createPage(session, id));
    },
    validate: () => [],
    export: async () => {
      throw new Error("Files are written in Penpot's format by its servers alone; use Save document in the menu.");
    },
    findVersions: async () => versionsOf(session).map((version) => toVersion(session, version)),
    async saveVersion(label: string) {
      const name = parsed(z.string().trim().min(1), label);
      const version: SavedVersion = { label: name, createdAt: new Date(), document: session.document };
      versionsOf(session).push(version);
      return toVersion(session, version);
    },
  });
  return file as File;
}

interface SavedVersion {
  label: string;
  readonly createdAt: Date;
  readonly document: Document;
}

/** By store: they belong to what is open in it. */
const versions = new WeakMap<DocumentStore, SavedVersion[]>();

function versionsOf({ store }: PluginSession): SavedVersion[] {
  const known = versions.get(store) ?? [];
  versions.set(store, known);
  return known;
}

function toVersion(session: PluginSession, version: SavedVersion): FileVersion {
  return pluginObject({
    get label() {
      return version.label;
    },
    set label(value) {
      version.label = value;
    },
    get createdAt() {
      return version.createdAt;
    },
    isAutosave: false,
    restore: () => session.edit("restore", () => version.document),
    async remove() {
      const all = versionsOf(session);
      all.splice(all.indexOf(version), 1);
    },
  }) as FileVersion;
}

/** Adds a page to the file, which stays closed. */
export function addNewPage(session: PluginSession): Page {
  const page = emptyPage(`Page ${session.document.pageOrder.length + 1}`);
  session.edit("createPage", (document) => addPage(document, page));
  return createPage(session, page.pageId);
}

/** A page of the open file as plugins see it. Comments do not exist in the playground. */
export function createPage(session: PluginSession, pageId: string): Page {
  const content = () => session.documentOf(pageId);
  const page = pluginObject(
    pagePluginData(session, pageId),
    rulerGuideMembers(session, pageId),
    flowMembers(session, pageId),
    {
      id: pageId,
      get name() {
        return content().pageName;
      },
      set name(value) {
        const pageName = typeof value === "string" ? value.trim() : "";
        if (pageName === "") session.refuse("name", value);
        else session.edit("name", (document) => updatePage(document, pageId, () => ({ pageName })));
      },
      get root() {
        return shapeProxy(session, content().rootId, pageId);
      },
      getShapeById: (id: string) =>
        content().shapes.has(id as ShapeId) ? shapeProxy(session, id as ShapeId, pageId) : null,
      findShapes: (criteria: Parameters<Page["findShapes"]>[0] = {}) =>
        shapeProxies(
          session,
          content(),
          (shape) =>
            (criteria.name === undefined || shape.name === criteria.name) &&
            (criteria.nameLike === undefined || shape.name.toLowerCase().includes(criteria.nameLike.toLowerCase())) &&
            (criteria.type === undefined || shape.type === criteria.type),
        ),
      remove: () => session.edit("remove", (document) => removePage(document, pageId)),
    },
  );
  return page as Page;
}

function flowMembers(session: PluginSession, pageId: string): Pick<Page, "flows" | "createFlow" | "removeFlow"> {
  const flows = () => session.documentOf(pageId).flows;
  const set = (member: string, change: (flows: readonly FlowData[]) => readonly FlowData[]) =>
    session.edit(member, (document: Document) =>
      updatePage(document, pageId, (page) => ({ flows: change(page.flows) })),
    );
  const remove = (id: string) => set("removeFlow", (all) => all.filter((flow) => flow.id !== id));
  const flowOf = (id: string): Flow => {
    const data = () => {
      const flow = flows().find((each) => each.id === id);
      if (!flow) throw new Error("the flow was removed");
      return flow;
    };
    const update = (member: string, change: Partial<FlowData>) =>
      set(member, (all) => all.map((flow) => (flow.id === id ? { ...flow, ...change } : flow)));
    return pluginObject({
      // What `removeFlow` knows it by.
      id,
      get page() {
        return createPage(session, pageId);
      },
      get name() {
        return data().name;
      },
      set name(name) {
        update("name", { name });
      },
      get startingBoard() {
        return shapeProxy(session, data().boardId, pageId) as Board;
      },
      set startingBoard(board) {
        update("startingBoard", { boardId: shapeIdOf(board) });
      },
      remove: () => remove(id),
    }) as Flow;
  };
  return {
    get flows() {
      return flows().map((flow) => flowOf(flow.id));
    },
    createFlow(name, board) {
      const id = crypto.randomUUID();
      set("createFlow", (all) => [...all, { id, name, boardId: shapeIdOf(board) }]);
      return flowOf(id);
    },
    removeFlow: (flow) => remove((flow as Flow & { readonly id: string }).id),
  };
}
