// Whether the browser lets a page reach this machine and its neighbours: https://wicg.github.io/local-network-access/

/**
 * `free`: it takes no permission here, or the browser knows of none. `unasked`: nobody allowed or refused it yet. `not-passed-on`: the
 * page around this one does not hand the permission down, so that nobody can be asked.
 */
export type LocalNetwork = "free" | "granted" | "unasked" | "refused" | "not-passed-on";

/** The permissions in question; the last stands for both others in browsers that do not tell them apart. */
type LocalPermission = "loopback-network" | "local-network" | "local-network-access";

/** What of the page and its browser decides. */
export interface PageFacts {
  readonly hostname: string;
  /** Undefined for a permission that the browser does not know. */
  permission(name: LocalPermission): Promise<PermissionState | undefined>;
  /** Whether the pages around this one hand a permission down to it. */
  isPassedOn(name: LocalPermission): boolean;
}

export async function localNetworkTo(companion: string, page: PageFacts): Promise<LocalNetwork> {
  const place = placeOf(new URL(companion).hostname);
  const ownPlace = placeOf(page.hostname);
  // Only what lies further in than the page itself takes a permission.
  if (place === "public" || ownPlace === "loopback" || ownPlace === place) return "free";
  for (const name of [`${place}-network`, "local-network-access"] as const) {
    const state = await page.permission(name);
    if (state === "granted") return "granted";
    if (state === undefined) continue;
    if (!page.isPassedOn(name)) return "not-passed-on";
    return state === "denied" ? "refused" : "unasked";
  }
  return "free";
}

type Place = "loopback" | "local" | "public";

/** Names are public as far as anybody can tell from them, except those that are made for the purpose. */
function placeOf(hostname: string): Place {
  if (/^(.*\.)?localhost$|^\[::1\]$/.test(hostname)) return "loopback";
  if (/\.local$|^\[(f[cd]|fe[89ab])/i.test(hostname)) return "local";
  // URLs write every IPv4 address so.
  if (!/^\d+(\.\d+){3}$/.test(hostname)) return "public";
  if (hostname.startsWith("127.")) return "loopback";
  return /^10\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\./.test(hostname) ? "local" : "public";
}

/** Chromium's; it tells what a page may do in its frame before anybody is asked. */
interface FeaturePolicy {
  features(): readonly string[];
  allowsFeature(name: string): boolean;
}

export function pageFacts(page: Window): PageFacts {
  const { featurePolicy } = page.document as Document & { readonly featurePolicy?: FeaturePolicy };
  return {
    hostname: page.location.hostname,
    permission: async (name) => {
      const asked = page.navigator.permissions?.query({ name: name as PermissionName });
      return await asked?.then(({ state }) => state).catch(() => undefined);
    },
    isPassedOn: (name) => featurePolicy?.features().includes(name) !== true || featurePolicy.allowsFeature(name),
  };
}
