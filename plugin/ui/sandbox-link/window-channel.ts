import type { SandboxChannel } from "./sandbox-link.ts";

/** The channel through the window that embeds the panel; messages from other windows are not heard. */
export function windowChannel(): SandboxChannel {
  return {
    // The embedding page's origin is any Penpot's; nothing in these messages is secret from the page that shows the panel.
    post: (message) => parent.postMessage(message, "*"),
    listen: (listener) => {
      window.addEventListener("message", (event) => {
        if (event.source === parent) listener(event.data);
      });
    },
  };
}
