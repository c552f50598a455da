import { z } from "zod";
import { OverpaintError } from "../protocol/overpaint-error.ts";

/** How a network's config.json is read. */
export interface ConfigRules<Shape extends z.ZodRawShape> {
  /** What messages call the network: "U-Net". */
  readonly network: string;
  /** Fields the graph depends on, with the defaults of diffusers or transformers. */
  readonly fields: Shape;
  /** Fields of layers that are not built here, which must therefore have these, their default values. */
  readonly fixed: Readonly<Record<string, unknown>>;
  /** Fields that say nothing of the graph. */
  readonly irrelevant: readonly string[];
}

/**
 * Reads a config. A field that asks for something not built here is refused by its name, never passed over: a graph that
 * leaves it out would draw, and draw wrongly. Names that begin with "_" are the file's own business.
 *
 * Throws OverpaintError `unsupported-model` naming field and value.
 */
export function parseNetworkConfig<Shape extends z.ZodRawShape>(
  { network, fields, fixed, irrelevant }: ConfigRules<Shape>,
  config: Readonly<Record<string, unknown>>,
): z.output<z.ZodObject<Shape>> {
  const known = new Set([...Object.keys(fields), ...irrelevant]);
  for (const [field, value] of Object.entries(config)) {
    if (field.startsWith("_") || known.has(field)) continue;
    const isFixed = Object.hasOwn(fixed, field);
    if (isFixed ? isSame(value, fixed[field]) : value === null) continue;
    throw refused(network, field, value, isFixed ? `Supported is ${JSON.stringify(fixed[field])}.` : undefined);
  }
  const parsed = z.object(fields).safeParse(config);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!; // a failure has an issue
  throw refused(network, path.join("."), valueAt(config, path), `${message}.`);
}

export function refused(network: string, field: string, value: unknown, supported?: string): OverpaintError {
  return new OverpaintError(
    "unsupported-model",
    `The model's ${network} has ${field} = ${JSON.stringify(value)} in its config, which is not supported.`,
    supported ?? "Use a model of an unmodified Stable Diffusion family.",
  );
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function valueAt(config: unknown, path: readonly PropertyKey[]): unknown {
  let value = config;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key];
  return value;
}
