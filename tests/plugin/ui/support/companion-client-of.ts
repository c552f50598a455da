import { CompanionClient } from "../../../../plugin/ui/engines/companion/companion-client.ts";
import type { ScriptedCompanion } from "./scripted-companion.ts";

/** A client with the scripted companion's token of this moment; it renews it as the served page would. */
export function companionClientOf(companion: ScriptedCompanion): CompanionClient {
  let token = companion.token;
  return new CompanionClient({
    origin: companion.origin,
    get token() {
      return token;
    },
    async renewToken() {
      token = companion.token;
      return token;
    },
  });
}
