/** Letters of the secret, each of 32: 160 bits. */
const LENGTH = 32;

/** What the compartment keeps when Penpot evaluates the plugin anew, as it does whenever the panel's frame is reloaded. */
const kept = globalThis as { overpaintPanelSecret?: string };

/**
 * Marks the messages between this sandbox and its panel, which reads it from its own address. Penpot hands every message that
 * any frame posts to the page to every plugin; those without the secret are a stranger's. A compartment has no `crypto`;
 * nobody else sees numbers of the same generator, because each realm has its own.
 */
export function panelSecret(): string {
  kept.overpaintPanelSecret ??= Array.from({ length: LENGTH }, () => Math.floor(Math.random() * 32).toString(32)).join(
    "",
  );
  return kept.overpaintPanelSecret;
}
