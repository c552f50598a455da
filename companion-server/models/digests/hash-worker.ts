import { parentPort } from "node:worker_threads";
import { hashFile } from "./file-digests.ts";

// The thread of `startHashing`: takes paths, answers digests. A file that cannot be read ends it.
parentPort?.on("message", async (path: string) => parentPort?.postMessage(await hashFile(path)));
