import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import { usePanel } from "../panel-context.ts";

/** Where a panel that no companion served is told of one. */
export function CompanionField() {
  const { engines, namedCompanion } = usePanel();
  const id = useId();
  const problem = useSignal<string | undefined>(undefined);
  if (namedCompanion === undefined) return null;
  const use = async (text: string) => {
    problem.value = undefined;
    try {
      namedCompanion.name(text);
    } catch (error) {
      const { message, remedy } = toErrorData(error);
      problem.value = `${message} ${remedy}`;
      return;
    }
    await engines.look();
  };
  const { origin } = namedCompanion;
  if (origin !== undefined)
    return (
      <p class="popover-note">
        Companion: <b>{new URL(origin).host}</b>
        <button
          type="button"
          class="text-button"
          onClick={() => {
            namedCompanion.forget();
            void engines.check();
          }}
        >
          Forget it
        </button>
      </p>
    );
  return (
    <form
      class="popover-note companion-field"
      onSubmit={(event) => {
        event.preventDefault();
        void use(String(new FormData(event.currentTarget).get("address")));
      }}
    >
      <label htmlFor={id}>Companion’s address</label>
      <div class="row">
        <input
          id={id}
          name="address"
          class="input"
          type="text"
          autocomplete="off"
          spellcheck={false}
          placeholder="http://127.0.0.1:4417/panel/…/"
        />
        <button type="submit" data-appearance="secondary">
          Use it
        </button>
      </div>
      {problem.value !== undefined && <small role="alert">{problem.value}</small>}
      <small>
        Start it with <code>npx overpaint serve --panel-origin {location.origin}</code> and paste the address that it
        prints: the token in it is kept in this browser, for every page of {location.host}.
      </small>
    </form>
  );
}
