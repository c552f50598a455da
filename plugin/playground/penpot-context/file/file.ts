import type { File, FileVersion } from "@penpot/plugin-types";
import { z } from "zod";
import type { Document } from "../../document/document.ts";
import type { DocumentStore } from "../../document/document-store.ts";
import { pluginObject } from "../plugin-object.ts";
import type { PluginSession } from "../plugin-session.ts";
import { parsed } from "../shapes/shape-handle.ts";
import { createPage } from "./page.ts";
import { filePluginData } from "./plugin-data.ts";

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
