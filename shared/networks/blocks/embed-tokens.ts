import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

/**
 * Ids as the rows of a table. They are cast after they are picked: the table is a fifth of an encoder, a prompt a few rows of it.
 *
 * @param ids [batch, tokens]
 * @returns [batch, tokens, width]
 */
export function embedTokens(g: GraphBuilder, name: string, width: number, ids: Value): Value {
  const table = g.tensor(name, [undefined, width]); // [vocabulary, width]
  if (g.profile.tables === "cast") return g.op("Gather", [g.weightAt(name, table), ids], { axis: 0 });
  const picked = g.op("Gather", [g.storedWeight(name, table), ids], { axis: 0 });
  const isSingle = table.type === "F32" && g.profile.compute === "float32";
  return isSingle ? picked : g.cast(picked, g.profile.compute);
}
