import type { Board, Flow, Page } from "@penpot/plugin-types";
import {
  addPage,
  type Document,
  emptyPage,
  type Flow as FlowData,
  removePage,
  updatePage,
} from "../../document/document.ts";
import type { ShapeId } from "../../document/shape.ts";
import { pluginObject } from "../plugin-object.ts";
import type { PluginSession } from "../plugin-session.ts";
import { shapeIdOf } from "../shapes/shape-handle.ts";
import { shapeProxies, shapeProxy } from "../shapes/shape-proxy.ts";
import { pagePluginData } from "./plugin-data.ts";
import { rulerGuideMembers } from "./ruler-guides.ts";

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
