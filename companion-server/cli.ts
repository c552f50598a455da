import { Command, CommanderError } from "commander";
import type { ErrorData } from "../shared/protocol/error-data.ts";
import { toErrorData } from "../shared/protocol/overpaint-error.ts";
import { doctorCommand } from "./cli/doctor-command.ts";
import { EXIT_DONE, exitCodeOf, exitCodeOfCommander } from "./cli/exit-code.ts";
import { imagineCommand } from "./cli/imagine-command.ts";
import { inpaintCommand } from "./cli/inpaint-command.ts";
import { modelsCommand } from "./cli/models-command.ts";
import { outpaintCommand } from "./cli/outpaint-command.ts";
import { recipeCommand } from "./cli/recipe-command.ts";
import { restyleCommand } from "./cli/restyle-command.ts";
import { serveCommand } from "./cli/serve-command.ts";
import { upscaleCommand } from "./cli/upscale-command.ts";
import { packageVersion } from "./package-version.ts";

/** Runs one command line and answers its exit code: 0 done, 2 bad input, 1 failed, 130 interrupted. */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = new Command("overpaint")
    .description("diffusion edits as layers, on your own machine")
    .version(packageVersion);
  for (const command of commands()) program.addCommand(command);
  makeThrow(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return EXIT_DONE;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfCommander(error);
    const data = toErrorData(error);
    console.error(errorLine(data));
    return exitCodeOf(data);
  }
}

function commands(): readonly Command[] {
  const drawing = [inpaintCommand(), outpaintCommand(), restyleCommand(), upscaleCommand(), imagineCommand()];
  return [serveCommand(), ...drawing, modelsCommand(), doctorCommand(), recipeCommand()];
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
