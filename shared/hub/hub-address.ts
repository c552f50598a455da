import { isFileName } from "../protocol/file-name.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";

export const DEFAULT_ENDPOINT = "https://huggingface.co";

/** A repository of a hub, and what of its history is meant. */
export interface HubPlace {
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const NAME = /^[a-z0-9][\w.-]{0,95}$/i;
const REVISION = /^\w[\w./-]{0,199}$/;

/** `OWNER/NAME[@REVISION]`, also as the address of its page. Undefined for anything else. */
export function parseHubPlace(text: string): HubPlace | undefined {
  const [, named = "", revision = "main"] = /^(?:https?:\/\/[^/]+\/)?([^@]+?)(?:@(.+))?\/?$/.exec(text.trim()) ?? [];
  const [, repository = named, branch] = /^([^/]+\/[^/]+)\/tree\/(.+)$/.exec(named) ?? [];
  const parts = repository.split("/");
  const isName = parts.length === 2 && parts.every((part) => NAME.test(part) && !/\.\.|--/.test(part));
  const wanted = branch ?? revision;
  if (!isName || !REVISION.test(wanted) || wanted.includes("..")) return undefined;
  return { repository, revision: wanted };
}

const DEEPEST_PATH = 12;
const SHOWN_CHARACTERS = 200;

/**
 * Throws OverpaintError `damaged-model` for a path that would leave the model's folder, or that some system could not keep.
 * Paths come from listings of hubs and from catalogs, and become files.
 */
export function requireSafePath(path: string): void {
  const parts = path.split("/");
  if (parts.every(isFileName) && parts.length <= DEEPEST_PATH) return;
  throw new OverpaintError(
    "damaged-model",
    `The model lists ${JSON.stringify(path.slice(0, SHOWN_CHARACTERS))}, a name that leads out of its folder or that no file may have.`,
    "Use a model from a source that you trust.",
  );
}
