import { z } from "zod";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type Permission, permissions } from "../penpot-context/plugin-session.ts";

/** What is written in manifest.json. */
const manifestFileSchema = z.object({
  name: z.string().min(1),
  description: z.string().max(200).optional(),
  version: z.union([z.literal(1), z.literal(2)]).optional(),
  code: z.string().min(1),
  icon: z.string().optional(),
  permissions: z.array(z.enum(permissions)),
});

/** What Penpot's runtime loads: the file, completed as Penpot completes it. */
export interface PluginManifest extends z.output<typeof manifestFileSchema> {
  readonly pluginId: string;
  readonly host: string;
}

const remedy = "Start Overpaint (npm start), or name another plugin with ?plugin=ADDRESS.";

/** Throws `not-found` or `invalid-request` with the address and what to do. */
export async function loadManifest(url: URL): Promise<PluginManifest> {
  let content: unknown;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    content = await response.json();
  } catch (cause) {
    throw new OverpaintError(
      "not-found",
      `No plugin could be loaded from ${url}: ${(cause as Error).message}.`,
      remedy,
    );
  }
  const manifest = manifestFileSchema.safeParse(content);
  if (!manifest.success)
    throw new OverpaintError("invalid-request", `${url} is not a manifest: ${z.prettifyError(manifest.error)}`, remedy);
  const granted = new Set<Permission>(manifest.data.permissions);
  // The right to write includes the right to read.
  for (const kind of ["content", "library", "comment"] as const)
    if (granted.has(`${kind}:write`)) granted.add(`${kind}:read`);
  return {
    ...manifest.data,
    permissions: [...granted],
    pluginId: url.href,
    // Version 2 resolves paths in the manifest's folder, version 1 at the server's root.
    host: manifest.data.version === 2 ? new URL(".", url).href : url.origin,
  };
}
