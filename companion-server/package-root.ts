import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package.json of overpaint not found above its own code");
    folder = parent;
  }
  return folder;
}

/** The installed package's folder: the same one whether the code runs from its sources or from dist/. */
export const packageRoot = findPackageRoot();

/** What runs as a process, or a thread, of its own: see `vite.companion.config.ts`. */
type Program = "overpaint" | "engine" | "probe" | "packer" | "ledger" | "hasher";

/** The file of a program, once built. */
export function programFile(program: Program): string {
  return join(packageRoot, "dist/programs", `${program}.js`);
}
