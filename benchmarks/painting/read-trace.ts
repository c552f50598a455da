/** Of the trace event format: a span of one thread, times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  /** "X": complete. */
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly data?: { readonly type?: string } };
}

export interface PaintingCosts {
  /** Of the thread that paints, in milliseconds; script without the style and layout it asked for. */
  readonly scriptMs: number;
  readonly layoutMs: number;
  readonly paintMs: number;
  /** Pointer moves the page heard of, and those of them in which it was laid out anew because script read a measure. */
  readonly pointerEvents: number;
  readonly forcedLayouts: number;
}

const scriptNames = new Set(["EventDispatch", "FireAnimationFrame", "FunctionCall", "TimerFire", "RunMicrotasks"]);
const layoutNames = new Set(["UpdateLayoutTree", "Layout"]);
const paintNames = new Set(["PrePaint", "Paint", "Layerize", "Commit"]);

/** What the thread with most pointer moves did. */
export function readTrace(events: readonly TraceEvent[]): PaintingCosts {
  const spans = events.filter(({ ph, dur }) => ph === "X" && dur !== undefined);
  const isMove = ({ name, args }: TraceEvent) => name === "EventDispatch" && args?.data?.type === "pointermove";
  const thread = (event: TraceEvent) => `${event.pid}/${event.tid}`;
  const moves = new Map<string, TraceEvent[]>();
  for (const move of spans.filter(isMove)) moves.set(thread(move), [...(moves.get(thread(move)) ?? []), move]);
  const [busiest, pointerMoves = []] = [...moves].sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const own = spans.filter((event) => thread(event) === busiest);
  const named = (names: ReadonlySet<string>) => own.filter(({ name }) => names.has(name));
  const script = outermost(named(scriptNames));
  const layout = outermost(named(layoutNames));
  const inScript = layout.filter((event) => script.some((outer) => isWithin(event, outer)));
  return {
    scriptMs: sumMs(script) - sumMs(inScript),
    layoutMs: sumMs(layout),
    paintMs: sumMs(outermost(named(paintNames))),
    pointerEvents: pointerMoves.length,
    forcedLayouts: pointerMoves.filter((move) => layout.some((event) => isWithin(event, move))).length,
  };
}

const endOf = ({ ts, dur = 0 }: TraceEvent): number => ts + dur;
const isWithin = (inner: TraceEvent, outer: TraceEvent): boolean =>
  inner.ts >= outer.ts && endOf(inner) <= endOf(outer);
const sumMs = (events: readonly TraceEvent[]): number => events.reduce((sum, { dur = 0 }) => sum + dur / 1000, 0);

/** Spans of one thread nest: those within another are part of it. */
function outermost(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const found: TraceEvent[] = [];
  for (const event of events.toSorted((a, b) => a.ts - b.ts || endOf(b) - endOf(a))) {
    const last = found.at(-1);
    if (last === undefined || !isWithin(event, last)) found.push(event);
  }
  return found;
}
