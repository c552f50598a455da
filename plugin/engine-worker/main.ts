import { BrowserEngine } from "./browser-engine.ts";
import { exposeEngine } from "./expose-engine.ts";

exposeEngine(new BrowserEngine());
