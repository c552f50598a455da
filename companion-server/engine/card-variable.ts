/** How a process that computes is told its card: one process draws on one card, whatever it opens. */
const CARD_VARIABLE = "OVERPAINT_CARD";

/** This process's environment for one that is to draw on a card; on the first, or the one that the system prefers, without an index. */
export function withCard(card: number | undefined): NodeJS.ProcessEnv {
  return card === undefined ? process.env : { ...process.env, [CARD_VARIABLE]: String(card) };
}

/** The card of this process; undefined where none was asked for. */
export function cardOfProcess(): number | undefined {
  const text = process.env[CARD_VARIABLE];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
