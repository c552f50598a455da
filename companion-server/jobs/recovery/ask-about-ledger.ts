import { fork } from "node:child_process";
import { programFile } from "../../package-root.ts";
import { LEDGER_VERSION } from "../ledger-schema.ts";
import type { LedgerAnswer, LedgerQuestion, SalvagedJob } from "./ledger-messages.ts";

/** What is found out about a file of records without opening it in this process. */
export interface LedgerExaminer {
  check(file: string): Promise<Extract<LedgerAnswer, { readonly type: "sound" | "later" | "damaged" }>>;
  /** Every job that can be read, in the order of their arrival. Never rejects. */
  salvage(file: string): Promise<readonly SalvagedJob[]>;
}

const ENTRY = programFile("ledger");
/** Ten thousand jobs take a second. */
const LIMIT_MS = 60_000;
/** How often salvage goes on behind a job at which the process ended. */
const MOST_PROCESSES = 20;

/** Asks processes of their own, which damage may end. */
export const childExaminer: LedgerExaminer = {
  async check(file) {
    const { answers, how } = await ask({ type: "check", file, known: LEDGER_VERSION });
    const [answer] = answers;
    if (answer === undefined || answer.type === "job" || answer.type === "end")
      return { type: "damaged", reason: `reading it ended the process (${how})` };
    return answer;
  },

  async salvage(file) {
    const jobs: SalvagedJob[] = [];
    let from = 1;
    for (let count = 0; count < MOST_PROCESSES; count += 1) {
      const { answers } = await ask({ type: "salvage", file, from });
      jobs.push(...answers.flatMap((answer) => (answer.type === "job" ? answer.job : [])));
      if (answers.some(({ type }) => type === "end" || type === "damaged")) break;
      // The one behind the last that was read is what the process ended at.
      from = Math.max(from, (jobs.at(-1)?.number ?? from - 1) + 1) + 1;
    }
    return jobs;
  },
};

function ask(question: LedgerQuestion): Promise<{ readonly answers: readonly LedgerAnswer[]; readonly how: string }> {
  return new Promise((resolve) => {
    const answers: LedgerAnswer[] = [];
    const child = fork(ENTRY, [], { execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const end = (how: string) => {
      clearTimeout(timer);
      resolve({ answers, how });
    };
    child.on("message", (answer) => answers.push(answer as LedgerAnswer));
    child.once("error", (error) => end(error.message));
    child.once("close", (code, signal) => end(String(signal ?? `exit code ${code}`)));
    child.send(question, () => {});
  });
}
