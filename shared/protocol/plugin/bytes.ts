import { z } from "zod";

/** A file's bytes; they cross `postMessage` as they are. */
export const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "expected bytes");
