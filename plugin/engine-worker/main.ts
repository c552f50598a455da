import { expose } from "comlink";
import { BrowserEngine } from "./browser-engine.ts";

expose(new BrowserEngine());
