import type { Status } from "../../../../shared/protocol/api.ts";
import { OverpaintError, toErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { CompanionAccess } from "./companion-access.ts";
import type { CompanionClient } from "./companion-client.ts";
import { type LocalNetwork, localNetworkTo, type PageFacts } from "./local-network.ts";

/** Somebody may have to read and answer the browser's question first. */
const QUESTION_TIMEOUT_MS = 120_000;
/** What tells a companion that refuses this page from none answers at once. */
const PUBLIC_FILE_TIMEOUT_MS = 1_500;

/** How a panel finds its companion: `isAsked` where somebody pressed a button for it, not where it is looked for now and then. */
export type ReadStatus = (isAsked: boolean) => Promise<Status>;

export interface FindCompanionOptions {
  readonly client: Pick<CompanionClient, "status" | "models">;
  readonly access: Pick<CompanionAccess, "origin" | "token">;
  readonly page: PageFacts;
  /** Origin of the panel's own page. */
  readonly pageOrigin: string;
}

/**
 * Looks for the companion that was named to a panel from elsewhere. Throws OverpaintError `companion-unreachable`, `forbidden-origin`
 * or `unauthorized`, whose message and remedy say what is in the way. The browser's question comes up for somebody who asked alone.
 */
export function findCompanion({ client, access, page, pageOrigin }: FindCompanionOptions): ReadStatus {
  let provedToken: string | undefined;
  const ask = async (isAsked: boolean, { origin, token }: Pick<CompanionAccess, "origin" | "token">) => {
    if (origin === undefined) throw unnamed();
    const before = await localNetworkTo(origin, page);
    const isOpen = before === "free" || before === "granted";
    if (!isOpen && !(isAsked && before === "unasked")) throw inTheWay(before, origin, pageOrigin, isAsked);
    try {
      const status = await client.status(isOpen ? undefined : QUESTION_TIMEOUT_MS);
      // Anybody is told the status. What an edit takes shows whether the token is right.
      if (token !== provedToken) await client.models();
      provedToken = token;
      return status;
    } catch (error) {
      // Who comes back may have another token.
      provedToken = undefined;
      const { code } = toErrorData(error);
      if (code === "unauthorized") throw wrongToken(origin);
      if (code !== "companion-unreachable") throw error;
      const after = await localNetworkTo(origin, page);
      if (after !== "free" && after !== "granted") throw inTheWay(after, origin, pageOrigin, isAsked);
      if (await isCompanionThere(origin)) throw unknownPage(origin, pageOrigin);
      if (isMixed(origin, pageOrigin) && after === "free") throw mixedContent(origin);
      throw notThere(origin, pageOrigin, error);
    }
  };
  const find: ReadStatus = async (isAsked) => {
    const { origin, token } = access;
    const isNamedStill = () => access.origin === origin && access.token === token;
    try {
      const status = await ask(isAsked, { origin, token });
      if (isNamedStill()) return status;
    } catch (error) {
      if (isNamedStill()) throw error;
    }
    // Another one was named meanwhile, or none.
    return await find(isAsked);
  };
  return find;
}

/** The manifest is for every page's eyes. */
async function isCompanionThere(origin: string): Promise<boolean> {
  const signal = AbortSignal.timeout(PUBLIC_FILE_TIMEOUT_MS);
  return await fetch(`${origin}/manifest.json`, { cache: "no-store", signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function isMixed(origin: string, pageOrigin: string): boolean {
  return pageOrigin.startsWith("https:") && origin.startsWith("http:");
}

function unnamed(): OverpaintError {
  return new OverpaintError(
    "companion-unreachable",
    "This panel knows of no companion, so edits run in this browser.",
    "A companion on this machine draws faster and with larger models: start one, and put in its address.",
  );
}

function inTheWay(state: LocalNetwork, origin: string, pageOrigin: string, isAsked: boolean): OverpaintError {
  const host = new URL(origin).host;
  const page = new URL(pageOrigin).host;
  switch (state) {
    case "not-passed-on":
      return unreachable(
        `The browser lets this panel, which came from ${page}, reach nothing on this machine: Penpot's frame does not pass that permission on.`,
        "Install the plugin from the address that the companion prints instead.",
      );
    case "refused":
      return unreachable(
        `The browser was told not to let ${page} reach ${host}.`,
        "Allow it in the site's settings, left of the address, or install the plugin from the address that the companion prints.",
      );
    default:
      return unreachable(
        isAsked
          ? `The browser's question whether ${page} may reach ${host} was not answered with Allow.`
          : `The browser wants to ask whether ${page} may reach ${host}.`,
        "Look for the companion again, and choose Allow.",
      );
  }
}

function unknownPage(origin: string, pageOrigin: string): OverpaintError {
  return new OverpaintError(
    "forbidden-origin",
    `The companion at ${new URL(origin).host} runs, and does not know panels from ${new URL(pageOrigin).host}.`,
    `Start it so: npx overpaint serve --panel-origin ${pageOrigin}`,
  );
}

function wrongToken(origin: string): OverpaintError {
  return new OverpaintError(
    "unauthorized",
    `The companion at ${new URL(origin).host} does not know the token that was in the address.`,
    "Forget it here, and put in the address that it prints now.",
  );
}

function mixedContent(origin: string): OverpaintError {
  return unreachable(
    `Nothing came from ${new URL(origin).host}: it is not running, or the browser lets no page of https reach what is not encrypted.`,
    "Start it; if that does not help, install the plugin from the address that it prints, or use Chrome, Edge or Firefox.",
  );
}

function notThere(origin: string, pageOrigin: string, cause: unknown): OverpaintError {
  return unreachable(
    `The companion at ${new URL(origin).host} does not answer.`,
    `Start it: npx overpaint serve --panel-origin ${pageOrigin}`,
    cause,
  );
}

function unreachable(message: string, remedy: string, cause?: unknown): OverpaintError {
  return new OverpaintError("companion-unreachable", message, remedy, { cause });
}
