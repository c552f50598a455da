import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { BrowserEngine } from "../../../../plugin/ui/engines/browser/browser-engine.ts";
import { CompanionEngine } from "../../../../plugin/ui/engines/companion/companion-engine.ts";
import { EngineChoice } from "../../../../plugin/ui/engines/engine-choice.ts";
import { Insertions } from "../../../../plugin/ui/jobs/insertions/insertions.ts";
import { JobList } from "../../../../plugin/ui/jobs/list/job-list.ts";
import { ResumeJobs } from "../../../../plugin/ui/jobs/resume/resume-jobs.ts";
import { EditFlow } from "../../../../plugin/ui/jobs/run/edit-flow.ts";
import { openShown } from "../../../../plugin/ui/jobs/variants/open-shown.ts";
import { Sessions } from "../../../../plugin/ui/pictures/sessions.ts";
import { WatchDocument } from "../../../../plugin/ui/pictures/watch-document.ts";
import { SandboxLink } from "../../../../plugin/ui/sandbox-link/sandbox-link.ts";
import type { JobId } from "../../../../shared/protocol/api.ts";
import type { SandboxInPlayground } from "../../sandbox/sandbox-in-playground.ts";
import { companionClientOf } from "./companion-client-of.ts";
import { FakeEngineWorker } from "./fake-engine-worker.ts";
import { decodeInNode, pixelsInNode } from "./panel-in-node.ts";
import type { ScriptedCompanion } from "./scripted-companion.ts";
import { ScriptedEngine } from "./scripted-engine.ts";

/** Everything behind the panel's components, over the real sandbox and the playground's document, with a scripted companion. */
export class PanelInPlayground {
  readonly host: SandboxInPlayground;
  readonly sandbox: SandboxLink;
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly settings: Settings;
  readonly jobs: JobList;
  readonly flow: EditFlow;
  readonly insertions: Insertions;
  readonly pixels = pixelsInNode;
  readonly decode = decodeInNode(new Set());

  /** Opens the plugin over the document as it is, in the place of a panel that was open there before. */
  constructor(host: SandboxInPlayground, companion: ScriptedCompanion, firstSeed = 100) {
    this.host = host.start();
    let seed = firstSeed;
    this.settings = new Settings(() => seed++);
    const channel = {
      post: (message: unknown) => host.post(structuredClone(message)),
      listen: (listener: (data: unknown) => void) => {
        host.onMessage = listener;
      },
    };
    this.sandbox = new SandboxLink(channel, host.secret);
    const client = companionClientOf(companion);
    this.engines = new EngineChoice({
      companion: new CompanionEngine(client),
      browser: new BrowserEngine({
        modelsUrl: "",
        startWorker: () => new FakeEngineWorker(new ScriptedEngine()).asWorker(),
      }),
      readStatus: () => client.status(),
    });
    const { decode, pixels, sandbox, engines, settings } = this;
    this.jobs = new JobList(decode, pixels);
    this.sessions = new Sessions({ sandbox, decode, pixels });
    const { jobs, sessions } = this;
    openShown({ sessions, settings, jobs });
    this.insertions = new Insertions({ engines, sessions, settings, jobs, sandbox, pixels });
    const now = () => performance.now();
    this.flow = new EditFlow({ engines, sessions, settings, jobs, pixels, prompts: { add: () => {} }, now });
    const watch = new WatchDocument({ sessions, jobs, sandbox });
    sandbox.start({
      onTheme: () => {},
      onSelection: (selection) => void sessions.select(selection),
      onWatched: (watched) => watch.tell(watched),
    });
    watch.start();
  }

  async resume(claim: (id: JobId) => Promise<boolean>): Promise<void> {
    await this.engines.check();
    await new ResumeJobs({ ...this, claim }).resume();
  }
}
