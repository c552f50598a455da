import { SECRET_PARAMETER } from "../../../shared/protocol/plugin/messages.ts";
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

/**
 * The secret by which sandbox and panel know each other, from the panel's address, `#/?panel=…`. Empty where the panel was
 * opened by nobody; then no message counts.
 */
export function panelSecretOf({ hash }: { readonly hash: string }): string {
  return new URLSearchParams(hash.split("?")[1] ?? "").get(SECRET_PARAMETER) ?? "";
}
