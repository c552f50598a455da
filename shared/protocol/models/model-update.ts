import { z } from "zod";

const commit = z.string();

/** Answer of `GET models/{id}/update`: what the hub has of an installed model by now. */
export const foundUpdateSchema = z.discriminatedUnion("state", [
  /** The same. */
  z.object({ id: z.string(), state: z.literal("current"), commit }),
  /** It was installed by a commit, which never changes. */
  z.object({ id: z.string(), state: z.literal("pinned"), commit }),
  /** Other files. */
  z.object({
    id: z.string(),
    state: z.literal("newer"),
    /** The newer one. */
    commit,
    /** To fetch. None where the newer model only has fewer. */
    files: z.int().nonnegative(),
    bytes: z.number().nonnegative(),
  }),
]);
export type FoundUpdate = z.output<typeof foundUpdateSchema>;
