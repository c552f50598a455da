import { isSameToken } from "../token.ts";
import type { NamedTokens } from "./named-tokens.ts";

/** Who asks. */
export interface Person {
  /** Of a token that was given out; absent for whoever runs the companion, who sees everybody's jobs. */
  readonly name?: string;
}

/** Whether somebody runs the companion. Nobody known does not. */
export function isOwner(person: Person | undefined): boolean {
  return person !== undefined && person.name === undefined;
}

/** All tokens that this companion lets in. */
export interface Keyring {
  /** Undefined for a token of nobody. */
  whose(token: string): Promise<Person | undefined>;
}

export function keyringOf(ownersToken: string, named?: NamedTokens): Keyring {
  return {
    async whose(token) {
      if (isSameToken(token, ownersToken)) return {};
      const name = await named?.whose(token);
      return name === undefined ? undefined : { name };
    },
  };
}
