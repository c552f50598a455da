import { expect, test } from "vitest";
import { LedgerFile } from "../../../companion-server/jobs/ledger-file.ts";
import { SharedCommits } from "../../../companion-server/jobs/shared-commits.ts";

function setUp() {
  const file = new LedgerFile(":memory:");
  const statements: string[] = [];
  const run = file.run.bind(file);
  file.run = (sql, ...values) => {
    statements.push(sql.split(" ")[0] ?? "");
    run(sql, ...values);
  };
  const add = (id: string) => file.run("INSERT INTO removals (id) VALUES (?)", id);
  const ids = () => file.all("SELECT id FROM removals ORDER BY id").map((row) => (row as { id: string }).id);
  return { commits: new SharedCommits(file), file, statements, add, ids };
}

test("waits for the disk once for what is asked for at the same time", async () => {
  const { commits, statements, add, ids } = setUp();
  await Promise.all(["a", "b", "c"].map((id) => commits.write(() => add(id))));
  expect(statements.filter((word) => word === "COMMIT")).toHaveLength(1);
  await commits.write(() => add("d"));
  expect(statements.filter((word) => word === "COMMIT")).toHaveLength(2);
  expect(ids()).toEqual(["a", "b", "c", "d"]);
});

test("what fails by itself fails alone, and leaves nothing", async () => {
  const { commits, add, ids } = setUp();
  const failing = () => {
    add("b");
    throw new Error("No.");
  };
  const outcomes = await Promise.allSettled([
    commits.write(() => add("a")),
    commits.write(failing),
    commits.write(() => add("c")),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(ids()).toEqual(["a", "c"]);
});

test("nobody is told of success where the disk has no room for the transaction", async () => {
  const { commits, file, add, ids } = setUp();
  const run = file.run.bind(file);
  file.run = (sql, ...values) => {
    if (sql === "COMMIT") throw new Error("full");
    run(sql, ...values);
  };
  const outcomes = await Promise.allSettled(["a", "b"].map((id) => commits.write(() => add(id))));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(ids()).toEqual([]);
});

test("everybody fails where a full disk ends the transaction in the middle", async () => {
  const { commits, file, add, ids } = setUp();
  const ending = () => {
    file.database.exec("ROLLBACK");
    throw new Error("full");
  };
  const works = [() => add("a"), ending, () => add("c")];
  const outcomes = await Promise.allSettled(works.map((work) => commits.write(work)));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(ids()).toEqual([]);
});

test("fails what is asked for just before the file is closed", async () => {
  const { commits, file, add } = setUp();
  const written = commits.write(() => add("a"));
  file.close();
  await expect(written).rejects.toThrow();
});
