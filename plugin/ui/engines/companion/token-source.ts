/** Name of the meta element in which the companion puts the token of the panel it serves. */
export const TOKEN_META_NAME = "overpaint-token";

/** The token that the served page carries. */
export interface TokenSource {
  current(): string | undefined;
  /** Asks for the page again: a companion that restarted may have another token. */
  renew(): Promise<string | undefined>;
}

export function pageTokenSource(page: Document, address: string): TokenSource {
  const read = (from: Document) =>
    from.querySelector<HTMLMetaElement>(`meta[name="${TOKEN_META_NAME}"]`)?.content || undefined;
  let token = read(page);
  return {
    current: () => token,
    async renew() {
      const response = await fetch(address, { cache: "no-store" });
      token = read(new DOMParser().parseFromString(await response.text(), "text/html"));
      return token;
    },
  };
}
