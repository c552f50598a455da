import type { Context, Page, Shape } from "@penpot/plugin-types";
import { getShape } from "../document/document.ts";
import { svgMarkup } from "../files/to-svg.ts";
import { creationMembers } from "./creation-members.ts";
import { colourMembers } from "./file/colours.ts";
import { createFile } from "./file/file.ts";
import { fontsContext } from "./file/fonts.ts";
import { libraryContext } from "./file/library.ts";
import { addNewPage, createPage } from "./file/page.ts";
import { historyMembers } from "./history-members.ts";
import { Listeners } from "./listeners.ts";
import { mediaMembers } from "./media-members.ts";
import { pluginObject } from "./plugin-object.ts";
import { PluginSession, type PluginSessionOptions } from "./plugin-session.ts";
import { shapeIdOf } from "./shapes/shape-handle.ts";
import { shapeProxy } from "./shapes/shape-proxy.ts";
import { storageMembers, viewportMembers } from "./view-members.ts";

/** The version of Penpot whose behaviour is followed. */
const PENPOT_VERSION = "2.17.0";

/**
 * The object Penpot's plugin runtime wants for each plugin: its access to the document. Only accessors and functions, as
 * the runtime freezes it. Connected libraries, variants, tokens and comments do not exist here.
 */
export function createContext(options: PluginSessionOptions): Context {
  const session = new PluginSession(options);
  const { store } = session;
  const listeners = new Listeners(session);
  const flags = pluginObject({
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
  });
  const shapesIn = (shapes: readonly Shape[]) => shapes.map((shape) => getShape(session.document, shapeIdOf(shape)));
  const context = {
    get version() {
      return PENPOT_VERSION;
    },
    get root() {
      return shapeProxy(session, session.document.rootId);
    },
    get currentFile() {
      return createFile(session);
    },
    get currentPage() {
      return createPage(session, session.document.pageId);
    },
    get currentUser() {
      return localUser;
    },
    get activeUsers() {
      return [];
    },
    get theme() {
      return store.snapshot.theme;
    },
    flags,
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
    viewport: viewportMembers(session),
    history: pluginObject(historyMembers(session)),
    localStorage: storageMembers(session),
    fonts: fontsContext(),
    library: libraryContext(session),
    ...creationMembers(session),
    ...mediaMembers(session),
    ...colourMembers(session),
    createPage: () => addNewPage(session),
    openPage: async (page: Page | string) => store.openPage(typeof page === "string" ? page : page.id),
    generateMarkup: (shapes: readonly Shape[]) =>
      shapesIn(shapes)
        .map((shape) => svgMarkup(session.document, shape, store))
        .join(""),
    generateStyle: (shapes: readonly Shape[]) =>
      shapesIn(shapes)
        .map(({ name, width, height }) => `/* ${name} */\n.shape { width: ${width}px; height: ${height}px; }`)
        .join("\n"),
    generateFontFaces: async () => '@font-face { font-family: "Work Sans"; src: local("Work Sans"); }',
    addListener: listeners.add.bind(listeners),
    removeListener: (id: symbol) => listeners.remove(id),
  };
  // Of the runtime's context, what plugins can use here; the rest is absent and throws when called.
  return context as unknown as Context;
}

const localUser = pluginObject({
  id: "00000000-0000-0000-0000-000000000001",
  name: "You",
  avatarUrl: "",
  color: "#7efff5",
  sessionId: "00000000-0000-0000-0000-000000000002",
});
