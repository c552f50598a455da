import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** The other name of this machine's loopback address. */
const otherLoopbackName: Readonly<Record<string, string>> = {
  localhost: "127.0.0.1",
  "127.0.0.1": "localhost",
  "[::1]": "localhost",
};

/**
 * Where the plugin's manifest is: the page's `plugin` parameter or, beside the playground's folder, the same server under
 * its other loopback name. Penpot and a plugin are two origins in real life, and its runtime is to refuse one that is not.
 * Throws `invalid-request` for a plugin that is not of this machine: a link to the playground could make anyone run it.
 */
export function pluginUrl(page: URL): URL {
  const given = page.searchParams.get("plugin");
  if (given) return withManifest(requireLoopback(given, page));
  const url = new URL("../manifest.json", page);
  url.hostname = otherLoopbackName[page.hostname] ?? page.hostname;
  return url;
}

function requireLoopback(address: string, page: URL): URL {
  const url = URL.canParse(address, page.href) ? new URL(address, page) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && Object.hasOwn(otherLoopbackName, url.hostname)) return url;
  throw new OverpaintError(
    "invalid-request",
    `The playground runs plugins of this machine only, not ${address}.`,
    "Serve the plugin here and name it like ?plugin=http://127.0.0.1:8080.",
  );
}

/** As Penpot's plugin manager does, takes a folder's address for that of the manifest in it. */
function withManifest(url: URL): URL {
  if (url.pathname.endsWith(".json")) return url;
  return new URL("manifest.json", url.pathname.endsWith("/") ? url : new URL(`${url.pathname}/`, url));
}
