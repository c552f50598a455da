import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { packageRoot } from "./package-root.ts";

const manifestSchema = z.object({ version: z.string() });

export const packageVersion = manifestSchema.parse(
  JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")),
).version;
