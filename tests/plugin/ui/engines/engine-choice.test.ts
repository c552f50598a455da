import { afterEach, beforeEach, expect, test } from "vitest";
import { BrowserEngine } from "../../../../plugin/ui/engines/browser/browser-engine.ts";
import { CompanionEngine } from "../../../../plugin/ui/engines/companion/companion-engine.ts";
import { EngineChoice } from "../../../../plugin/ui/engines/engine-choice.ts";
import { companionClientOf } from "../support/companion-client-of.ts";
import { FakeEngineWorker } from "../support/fake-engine-worker.ts";
import { ScriptedCompanion } from "../support/scripted-companion.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { someEdit } from "../support/some-edit.ts";

let companion: ScriptedCompanion;
let engines: EngineChoice;
let workersStarted: number;

beforeEach(async () => {
  companion = new ScriptedCompanion();
  await companion.start();
  workersStarted = 0;
  const client = companionClientOf(companion);
  engines = new EngineChoice({
    companion: new CompanionEngine(client),
    browser: new BrowserEngine({
      modelsUrl: "http://127.0.0.1/models/",
      startWorker: () => {
        workersStarted++;
        return new FakeEngineWorker(new ScriptedEngine()).asWorker();
      },
    }),
    readStatus: () => client.status(),
  });
});
afterEach(() => companion.kill());

test("takes the companion when it answers and starts no worker then", async () => {
  expect((await engines.engine()).place).toBe("companion");
  expect(engines.models.value.map(({ id }) => id)).toEqual(["starter"]);
  expect(workersStarted).toBe(0);
});

test("takes the browser when nothing listens, says why, and starts no worker before an edit", async () => {
  await companion.kill();
  const engine = await engines.engine();
  expect(engine.place).toBe("browser");
  expect(engines.companion.value).toMatchObject({ type: "down", error: { code: "companion-unreachable" } });
  expect(workersStarted).toBe(0);
  await (await engine.start(someEdit())).follow(() => {});
  expect(engines.browser.value).toEqual({
    type: "ready",
    device: { device: "wasm", reason: "There is no graphics adapter." },
  });
});

test("takes the browser where the companion's machine can draw on nothing, and says why", async () => {
  companion.draws = false;
  expect((await engines.engine()).place).toBe("browser");
  expect(engines.companion.value).toMatchObject({ type: "down", error: { code: "device-unavailable" } });
});

test("goes back to the companion when it is there again", async () => {
  await companion.kill();
  await engines.check();
  expect(engines.place.value).toBe("browser");
  await companion.start();
  await engines.check();
  expect(engines.place.value).toBe("companion");
});

test("stays in the browser when that was asked for, whatever the companion does", async () => {
  await engines.check();
  await engines.prefer("browser");
  await engines.check();
  expect((await engines.engine()).place).toBe("browser");
  await engines.prefer("automatic");
  expect((await engines.engine()).place).toBe("companion");
});

test("tells that it is looked for as long as somebody waits for that", async () => {
  await companion.kill();
  await engines.check();
  const looking = engines.look();
  expect(engines.isLooking.value).toBe(true);
  await looking;
  expect([engines.isLooking.value, engines.companion.value.type]).toEqual([false, "down"]);
});

test("asks once for questions that overlap", async () => {
  let questions = 0;
  const client = companionClientOf(companion);
  const counting = new EngineChoice({
    companion: new CompanionEngine(client),
    browser: new BrowserEngine({
      modelsUrl: "",
      startWorker: () => new FakeEngineWorker(new ScriptedEngine()).asWorker(),
    }),
    readStatus: () => {
      questions++;
      return client.status();
    },
  });
  await Promise.all([counting.check(), counting.check(), counting.engine()]);
  expect(questions).toBe(1);
});
