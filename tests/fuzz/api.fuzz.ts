import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskArtifacts } from "../../companion-server/jobs/artifacts.ts";
import { FakeDrawer } from "../companion-server/support/fake-drawer.ts";
import { TOKEN, testCompanion } from "../companion-server/support/test-companion.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Examples for each operation and each phase. */
const EXAMPLES = process.env.FUZZ_EXAMPLES ?? "200";
const PROGRAM = process.env.SCHEMATHESIS ?? "schemathesis";

test("no request that schemathesis thinks of is answered otherwise than the OpenAPI document says", async () => {
  await using folder = await temporaryFolder();
  const artifacts = new DiskArtifacts(join(folder.path, "jobs"));
  await using companion = await testCompanion({ artifacts, queueOptions: { drawer: new FakeDrawer(artifacts) } });
  const options = ["--header", `Authorization: Bearer ${TOKEN}`, "--max-examples", EXAMPLES, "--request-timeout", "20"];
  // A picture is more than a schema can describe: what is no picture is rightly refused. Deleting a job cancels it; it stays.
  const checks = ["--exclude-checks", "positive_data_acceptance,use_after_free"];
  const address = `${companion.origin}/api/v1/openapi.json`;
  const run = spawn(PROGRAM, ["run", address, ...options, ...checks], { cwd: folder.path, stdio: "inherit" });
  const [code] = (await once(run, "close")) as readonly unknown[];
  expect(code).toBe(0);
});
