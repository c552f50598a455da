import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { EngineDevices } from "./choose-devices.ts";
import { placeName } from "./device-faults.ts";
import type { Engine } from "./engine.ts";

/** One engine of a machine, with what it draws on. */
export interface MachineEngine extends EngineDevices {
  readonly engine: Engine;
  /** Draws only what none of the others can. */
  readonly isSpare: boolean;
}

/** What an order needs an engine for. */
export interface TurnWish {
  /** See `DrawOrder`: who is due earlier comes first. */
  readonly due: number;
  readonly model: string;
  /** Engines that could not draw it. */
  readonly refused: ReadonlySet<MachineEngine>;
  readonly signal: AbortSignal;
  /** Called once where it has to wait for some of the engines while others are free, with the reason in words. What it throws ends the waiting. */
  readonly onWait: (reason: string) => void;
}

interface Waiting extends TurnWish {
  readonly take: (engine: MachineEngine) => void;
  readonly fail: (error: unknown) => void;
  /** Whether it was told why. */
  isTold: boolean;
}

/** Ranks of engines for an order: those of the lowest are waited for, the next is used where they could not draw it. */
const FIT = 0;
const SPARE = 1;
const DEMOTED = 2;
const UNFIT = 3;

/** Says which engine draws which order next: one order at a time each, those that are due earlier first. */
export class EngineTurns {
  readonly engines: readonly MachineEngine[];
  readonly #readDemoted: () => ReadonlyMap<string, string>;
  readonly #busy = new Set<MachineEngine>();
  readonly #waiting: Waiting[] = [];
  /** The model that an engine has loaded, as far as is known. */
  readonly #loaded = new Map<MachineEngine, string>();
  /** Models that an engine could not load. */
  readonly #unfit = new Map<MachineEngine, Set<string>>();

  /** @param readDemoted names of devices that are to be used last */
  constructor(engines: readonly MachineEngine[], readDemoted: () => ReadonlyMap<string, string>) {
    this.engines = engines;
    this.#readDemoted = readDemoted;
  }

  /** Engines that have nothing to do and are used before the others. */
  get free(): number {
    return this.#preferred(this.engines).filter((engine) => !this.#busy.has(engine)).length;
  }

  /** An engine for one order, to be given back; undefined where none is left that could draw it. Rejects with `cancelled`. */
  async take(wish: TurnWish): Promise<MachineEngine | undefined> {
    if (wish.signal.aborted) throw cancelled();
    if (this.#wanted(wish).length === 0) return undefined;
    return await new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        wish.signal.removeEventListener("abort", onAbort);
      };
      const onAbort = () => waiting.fail(cancelled());
      const waiting: Waiting = {
        ...wish,
        isTold: false,
        take(engine) {
          end();
          resolve(engine);
        },
        fail(error) {
          end();
          reject(error);
        },
      };
      wish.signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#handOut();
    });
  }

  /** The engine has loaded a model. */
  loaded(engine: MachineEngine, model: string): void {
    this.#loaded.set(engine, model);
  }

  /** The engine could not load a model: another one is asked before it is asked again. */
  unfit(engine: MachineEngine, model: string): void {
    this.#loaded.delete(engine);
    this.#unfit.set(engine, (this.#unfit.get(engine) ?? new Set()).add(model));
  }

  giveBack(engine: MachineEngine): void {
    this.#busy.delete(engine);
    this.#handOut();
  }

  #handOut(): void {
    for (const waiting of [...this.#waiting].sort((a, b) => a.due - b.due)) {
      const free = this.#wanted(waiting).filter((engine) => !this.#busy.has(engine));
      // Nothing is to be loaded on one that has the model.
      const engine = free.find((each) => this.#loaded.get(each) === waiting.model) ?? free[0];
      if (engine === undefined) continue;
      this.#busy.add(engine);
      waiting.take(engine);
    }
    for (const waiting of this.#waiting.filter(({ isTold }) => !isTold)) if (this.free > 0) this.#explain(waiting);
  }

  #explain(waiting: Waiting): void {
    waiting.isTold = true;
    try {
      waiting.onWait(reasonToWait(this.#wanted(waiting)));
    } catch (error) {
      waiting.fail(error);
    }
  }

  #wanted({ refused, model }: TurnWish): readonly MachineEngine[] {
    return this.#preferred(
      this.engines.filter((engine) => !refused.has(engine)),
      model,
    );
  }

  /** Those of the lowest rank. */
  #preferred(engines: readonly MachineEngine[], model?: string): readonly MachineEngine[] {
    const demoted = this.#readDemoted();
    const ranks = engines.map((engine) => this.#rank(engine, demoted, model));
    const lowest = Math.min(...ranks);
    return engines.filter((_, index) => ranks[index] === lowest);
  }

  #rank(engine: MachineEngine, demoted: ReadonlyMap<string, string>, model: string | undefined): number {
    const { devices, card, isSpare } = engine;
    if (model !== undefined && this.#unfit.get(engine)?.has(model)) return UNFIT;
    if (devices.every((device) => demoted.has(placeName(device, card)))) return DEMOTED;
    return isSpare ? SPARE : FIT;
  }
}

function reasonToWait(wanted: readonly MachineEngine[]): string {
  const names = wanted.map(({ devices: [device = "cpu"], card }) => placeName(device, card));
  return `Only ${names.join(" or ")} can draw it, which draws something else.`;
}

function cancelled(): OverpaintError {
  return new OverpaintError("cancelled", "The edit was cancelled.");
}
