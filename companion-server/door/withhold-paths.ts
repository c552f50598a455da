import { API_BASE } from "../../shared/protocol/api.ts";

/** Stands in the place of words that have a path in them. */
export const WITHHELD = "This names files on the companion's machine, so only whoever runs it is told.";

/** What a person sent, and what was planned of it: their own words, whatever they look like. */
const OWN_WORDS: ReadonlySet<string> = new Set(["request", "target", "plan"]);
/** Addresses of the API, which errors name, and pictures in addresses of their own: their base64 has slashes anywhere. */
const OTHER_SLASHES = new RegExp(`${API_BASE}\\b\\S*|data:image/\\w+;base64,[\\w+/]+=*`, "g");
/** A path that begins at a root, at home, at a drive or at a server; no address of the web, and nothing relative. */
const ABSOLUTE_PATH =
  /file:\/|(?<![\p{L}\p{N}_./:#])\/[^\s/]|(?<!https?):\/[^\s/]|(?<![\p{L}\p{N}])[a-z]:[\\/]|\\\\[^\s\\]/iu;

/**
 * An answer as people who do not run the companion get it: what says where something lies on its machine says `WITHHELD` instead. The
 * whole text goes, for nobody can tell where in a sentence a path with spaces ends.
 */
export function withoutPaths(told: unknown): unknown {
  if (typeof told === "string") return ABSOLUTE_PATH.test(told.replaceAll(OTHER_SLASHES, "")) ? WITHHELD : told;
  if (Array.isArray(told)) return told.map(withoutPaths);
  if (typeof told !== "object" || told === null) return told;
  const entries = Object.entries(told).map(([key, value]) => [key, OWN_WORDS.has(key) ? value : withoutPaths(value)]);
  return Object.fromEntries(entries);
}
