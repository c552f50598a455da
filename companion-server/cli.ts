import { Command, CommanderError } from "commander";
import type { ErrorCode, ErrorData } from "../shared/protocol/error-data.ts";
import { toErrorData } from "../shared/protocol/overpaint-error.ts";
import { doctorCommand } from "./cli/doctor-command.ts";
import { editCommand } from "./cli/edits/edit-command.ts";
import { imagineCommand } from "./cli/edits/imagine-command.ts";
import { inpaintCommand } from "./cli/edits/inpaint-command.ts";
import { outpaintCommand } from "./cli/edits/outpaint-command.ts";
import { removeBackgroundCommand } from "./cli/edits/remove-background-command.ts";
import { restyleCommand } from "./cli/edits/restyle-command.ts";
import { upscaleCommand } from "./cli/edits/upscale-command.ts";
import { maskCommand } from "./cli/mask-command.ts";
import { modelsCommand } from "./cli/models/models-command.ts";
import { recipeCommand } from "./cli/recipe-command.ts";
import { serveCommand } from "./cli/serve-command.ts";
import { tokenCommand } from "./cli/token-command.ts";
import { workerCommand } from "./cli/worker-command.ts";
import { packageVersion } from "./package-version.ts";

/** Runs one command line and answers its exit code: 0 done, 2 bad input, 1 failed, 130 interrupted. */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    await overpaintCommand().parseAsync(args, { from: "user" });
    return EXIT_DONE;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfCommander(error);
    const data = toErrorData(error);
    console.error(errorLine(data));
    return exitCodeOf(data);
  }
}

/** The whole command line. */
export function overpaintCommand(): Command {
  const program = new Command("overpaint")
    .description("diffusion edits as layers, on your own machine")
    .version(packageVersion);
  for (const command of commands()) program.addCommand(command);
  makeThrow(program);
  return program;
}

function commands(): readonly Command[] {
  const drawing = [
    editCommand(),
    inpaintCommand(),
    outpaintCommand(),
    restyleCommand(),
    upscaleCommand(),
    imagineCommand(),
    removeBackgroundCommand(),
  ];
  return [
    serveCommand(),
    workerCommand(),
    ...drawing,
    maskCommand(),
    modelsCommand(),
    doctorCommand(),
    recipeCommand(),
    tokenCommand(),
  ];
}

/** `overpaint: what failed. what to do`, always a single line. */
export function errorLine({ message, remedy }: ErrorData): string {
  const sentence = /[.?!]$/.test(message) ? message : `${message}.`;
  return `overpaint: ${[sentence, remedy].filter(Boolean).join(" ")}`.replace(/\s*\n\s*/g, " ");
}

/** commander would end the process by itself, with its own words and codes. Commands inherit nothing once added. */
function makeThrow(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(`${errorLine({ code: "invalid-request", message: text.trim().replace(/^error: /, "") })}\n`),
  });
  for (const child of command.commands) makeThrow(child);
}

const EXIT_DONE = 0;
const EXIT_FAILED = 1;
const EXIT_BAD_INPUT = 2;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

/** Failures that another input or another option would not have met. */
const failures: readonly ErrorCode[] = [
  "out-of-memory",
  "invalid-output",
  "engine-crashed",
  "engine-unresponsive",
  "engine-unavailable",
  "port-in-use",
  "disk-full",
  "hub-unreachable",
  "internal",
];

export function exitCodeOf(error: ErrorData): number {
  if (error.code === "cancelled") return EXIT_INTERRUPTED;
  return failures.includes(error.code) ? EXIT_FAILED : EXIT_BAD_INPUT;
}

/** commander ends a run for help and version by an error too. */
function exitCodeOfCommander(error: CommanderError): number {
  return error.exitCode === 0 ? EXIT_DONE : EXIT_BAD_INPUT;
}
