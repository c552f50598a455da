import type { ModelSummary } from "../../shared/protocol/api.ts";

/** One line about a model, or about why it cannot be used. */
export function describeModel({ id, name, licence, facts, error }: ModelSummary): string {
  if (facts === undefined) return `model ${id}: ${[error?.message, error?.remedy].filter(Boolean).join(" ")}`;
  const size = `${facts.nativeSize} × ${facts.nativeSize}`;
  return [`model ${id}: ${name}`, facts.family, facts.tasks.join(" and "), size, licence].filter(Boolean).join(", ");
}
