import { Command } from "commander";
import { NamedTokens } from "../door/named-tokens.ts";
import { panelPath } from "../door/panel-path.ts";
import { dataOption, jsonOption } from "./options.ts";

interface TokenOptions {
  readonly data: string;
  readonly json?: true;
}

/** Tokens for a studio: each shows its holder only the jobs that were started with it. */
export function tokenCommand(): Command {
  const command = new Command("token").description("give others a token of their own, and take it back");
  command
    .command("add <name>")
    .description("make a token and print it, this once")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name: string, { data, json }: TokenOptions) => {
      const token = await new NamedTokens(data).add(name, Date.now());
      const path = panelPath(token);
      if (json) return console.log(JSON.stringify({ name, token, path }));
      console.log(`token for ${name}, shown this once: ${token}`);
      console.log(`what ${name} installs in Penpot: the companion's address, then ${path}manifest.json`);
    });
  command
    .command("list")
    .description("whom tokens were given to")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async ({ data, json }: TokenOptions) => {
      const tokens = (await new NamedTokens(data).list()).map(({ name, createdAt }) => ({ name, createdAt }));
      if (json) return console.log(JSON.stringify({ tokens }));
      for (const { name, createdAt } of tokens) console.log(`${name}, since ${new Date(createdAt).toISOString()}`);
      if (tokens.length === 0) console.log("no tokens were given out");
    });
  command
    .command("remove <name>")
    .description("take a token back: from the next request on it opens nothing")
    .addOption(dataOption())
    .action(async (name: string, { data }: TokenOptions) => {
      await new NamedTokens(data).remove(name);
      console.log(`removed the token for ${name}`);
    });
  return command;
}
