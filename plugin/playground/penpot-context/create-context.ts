import type { Context, Shape } from "@penpot/plugin-types";
import { getShape } from "../document/document.ts";
import { placementOf } from "../document/geometry-edits.ts";
import { creationMembers } from "./creation-members.ts";
import { historyMembers } from "./history-members.ts";
import { Listeners } from "./listeners.ts";
import { mediaMembers } from "./media-members.ts";
import { createPage } from "./page.ts";
import { PluginSession, type PluginSessionOptions } from "./plugin-session.ts";
import { shapeIdOf } from "./shape-ids.ts";
import { shapeProxy } from "./shape-proxy.ts";
import { svgOf } from "./svg-markup.ts";

/** The version of Penpot whose behaviour is followed. */
const PENPOT_VERSION = "2.17.0";

/**
 * The object Penpot's plugin runtime wants for each plugin: its access to the document. Only accessors and functions, as
 * the runtime freezes it. Libraries, fonts, users, text, layouts and boolean shapes do not exist here.
 */
export function createContext(options: PluginSessionOptions): Context {
  const session = new PluginSession(options);
  const { store } = session;
  const listeners = new Listeners(session);
  const context = {
    get version() {
      return PENPOT_VERSION;
    },
    get root() {
      return shapeProxy(session, session.document.rootId);
    },
    get currentFile() {
      const { fileId, name } = session.document;
      return { id: fileId, name, pages: [createPage(session)] };
    },
    get currentPage() {
      return createPage(session);
    },
    get theme() {
      return store.snapshot.theme;
    },
    flags: {
      get naturalChildOrdering() {
        return session.flags.naturalChildOrdering;
      },
      set naturalChildOrdering(value) {
        session.flags.naturalChildOrdering = value;
      },
      get throwValidationErrors() {
        return session.flags.throwValidationErrors;
      },
      set throwValidationErrors(value) {
        session.flags.throwValidationErrors = value;
      },
    },
    get selection() {
      return store.snapshot.selection.map((id) => shapeProxy(session, id));
    },
    set selection(shapes) {
      try {
        store.select(shapes.map(shapeIdOf));
      } catch (error) {
        session.refuse("selection", error);
      }
    },
    viewport: {
      get center() {
        return options.viewCenter();
      },
    },
    history: historyMembers(session),
    ...creationMembers(session),
    ...mediaMembers(session),
    generateMarkup: (shapes: readonly Shape[]) =>
      shapes
        .map((shape) => svgOf(placementOf(session.document, getShape(session.document, shapeIdOf(shape)))))
        .join(""),
    addListener: listeners.add.bind(listeners),
    removeListener: (id: symbol) => listeners.remove(id),
  };
  // Of the runtime's context, what plugins can use here; the rest is absent and throws when called.
  return context as unknown as Context;
}
