import type { ImageData } from "@penpot/plugin-types";
import { MediaRejection } from "../document/media-rejection.ts";
import type { PluginSession } from "./plugin-session.ts";
import { toImageData } from "./shapes/fills.ts";

/** Uploads of pictures. They answer later, as a server's would, and reject with Penpot's codes. */
export function mediaMembers(session: PluginSession) {
  return {
    async uploadMediaData(name: string, data: Uint8Array, mimeType: string): Promise<ImageData> {
      if (!session.canWrite) throw new Error("Plugin doesn't have 'content:write' permission");
      await new Promise((resolve) => setTimeout(resolve));
      return toImageData(session.store.media.add(name, data, mimeType));
    },
    async uploadMediaUrl(): Promise<ImageData> {
      throw new MediaRejection("invalid-image", "the playground has no server that could fetch a URL");
    },
  };
}
