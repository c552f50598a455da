import { z } from "zod";
import { startSandbox } from "./start-sandbox.ts";

// zod's compiled parsers come from `new Function`, which in a compartment means one trip through its evaluator per schema.
z.config({ jitless: true });

startSandbox(penpot);
