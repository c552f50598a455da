import { idFromName, type ModelId } from "../protocol/models/model-facts.ts";
import { OverpaintError } from "../protocol/overpaint-error.ts";
import { type CatalogEntry, type CatalogFile, placesOf } from "./catalog.ts";
import { chooseFiles } from "./choose-files.ts";
import { type HubPlace, parseHubPlace } from "./hub-address.ts";
import type { HubFile, HubListing } from "./hub-client.ts";

/** What to install: a model of the catalog, or a repository. */
export interface InstallWish {
  readonly id: ModelId;
  readonly name: string;
  readonly place: HubPlace;
  /** Absent for repositories that the catalog does not know. */
  readonly entry?: CatalogEntry | undefined;
  /** The checkpoint that is meant, in a repository of several. */
  readonly file?: string | undefined;
  /** Whether it takes the place of an older one that is installed. */
  readonly isUpdate?: boolean | undefined;
}

/** Reads what a command or a request names. Throws OverpaintError `unknown-model`. */
export function parseWish(named: string, catalog: readonly CatalogEntry[], file?: string): InstallWish {
  const entry = catalog.find(({ id }) => id === named);
  if (entry) return { id: entry.id, name: entry.name, place: entry, entry };
  const place = parseHubPlace(named);
  if (place) {
    const name = file?.replace(/^.*\//, "").replace(/\.safetensors$/i, "") ?? place.repository.replace(/^.*\//, "");
    return { id: idFromName(name), name, place, file };
  }
  throw new OverpaintError(
    "unknown-model",
    `"${named}" is neither a model of the catalog nor a repository's OWNER/NAME.`,
    `In the catalog are ${catalog.map(({ id }) => id).join(", ")}.`,
  );
}

/** What of a repository a wish takes, and where it goes. Throws OverpaintError `unknown-model`, `damaged-model` or `unsupported-model`. */
export function chooseForWish(
  { entry, file }: Pick<InstallWish, "entry" | "file">,
  { files, repository }: Pick<HubListing, "files" | "repository">,
): { readonly files: readonly HubFile[]; readonly placeOf: (path: string) => string } {
  const listed = new Map(files.map((each) => [each.path, each]));
  const missing = entry?.files.find(({ path }) => !listed.has(path));
  const isByRule = entry === undefined || (missing !== undefined && !entry.checked && entry.writes === undefined);
  const placeOf = placesFor({ entry, file });
  // What nobody compared with the hub may be called otherwise there; the rule that found it finds it again.
  if (isByRule) return { files: chooseFiles(files, file), placeOf };
  if (missing)
    throw new OverpaintError(
      "unknown-model",
      `${repository} no longer has ${missing.path}.`,
      "A newer Overpaint may know where the model went.",
    );
  return { files: entry.files.map((expected) => requireExpected(listed.get(expected.path), expected)), placeOf };
}

/** Tells where in a model's folder a file of its repository goes: a checkpoint lies at its top. */
export function placesFor({ entry, file }: Pick<InstallWish, "entry" | "file">): (path: string) => string {
  const placeOf = placesOf(entry);
  return (path) => (path === file ? path.replace(/^.*\//, "") : placeOf(path));
}

function requireExpected(found: HubFile | undefined, { path, sha256 }: CatalogFile): HubFile {
  if (found === undefined) throw new Error(`${path} was listed a moment ago`);
  if (sha256 === undefined || found.digest.algorithm !== "sha256" || found.digest.hex === sha256) return found;
  throw new OverpaintError(
    "damaged-model",
    `The hub's ${path} is another file than the catalog knows (SHA-256 ${found.digest.hex.slice(0, 12)}… in place of ${sha256.slice(0, 12)}…).`,
    "Where HF_ENDPOINT names a mirror, use the hub itself; else a newer Overpaint may know the new file.",
  );
}
