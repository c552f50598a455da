import type { Page } from "@penpot/plugin-types";
import type { ShapeId } from "../document/shape.ts";
import type { PluginSession } from "./plugin-session.ts";
import { shapeProxies, shapeProxy } from "./shape-proxy.ts";

/** The open page as plugins see it. */
export function createPage(session: PluginSession): Page {
  const page: Pick<Page, "id" | "name" | "root" | "getShapeById" | "findShapes"> = {
    get id() {
      return session.document.pageId;
    },
    get name() {
      return "Page 1";
    },
    get root() {
      return shapeProxy(session, session.document.rootId);
    },
    getShapeById: (id) => (session.document.shapes.has(id as ShapeId) ? shapeProxy(session, id as ShapeId) : null),
    findShapes: (criteria = {}) =>
      shapeProxies(
        session,
        (shape) =>
          (criteria.name === undefined || shape.name === criteria.name) &&
          (criteria.nameLike === undefined || shape.name.toLowerCase().includes(criteria.nameLike.toLowerCase())) &&
          (criteria.type === undefined || shape.type === criteria.type),
      ),
  };
  // Flows, guides and comments do not exist in the playground.
  return page as Page;
}
