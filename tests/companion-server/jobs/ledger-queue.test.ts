import { describe } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { testCompanion } from "../support/test-companion.ts";
import { queueContract } from "./queue-contract.ts";

describe("with records in memory", () => queueContract(testCompanion));

describe("with records in a file", () =>
  queueContract(async () => {
    const folder = await temporaryFolder();
    const companion = await testCompanion({ dataFolder: folder.path });
    return {
      ...companion,
      async [Symbol.asyncDispose]() {
        await companion[Symbol.asyncDispose]();
        await folder.remove();
      },
    };
  }));
