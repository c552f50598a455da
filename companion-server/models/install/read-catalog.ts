import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Catalog, parseCatalog } from "../../../shared/hub/catalog.ts";
import { packageRoot } from "../../package-root.ts";

/** The catalog that ships with the package. Throws as `parseCatalog` does. */
export async function readCatalog(): Promise<Catalog> {
  return parseCatalog(await readFile(join(packageRoot, "models/catalog.json"), "utf8"));
}
