import { join } from "node:path";
import { packageRoot } from "../package-root.ts";

/** Where packs are looked for: those the owner installed come before those that ship with the package. */
export function modelRoots(dataFolder: string): readonly string[] {
  return [join(dataFolder, "models"), join(packageRoot, "models")];
}
