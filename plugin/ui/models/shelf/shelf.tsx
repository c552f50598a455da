import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type CatalogTask, catalogTasks } from "../../../../shared/protocol/models/model-catalog.ts";
import { taskNames } from "../../app/task-names.ts";
import { usePanel } from "../../panel-context.ts";
import { BrowserRoom } from "./browser-room.tsx";
import { byUse } from "./describe-model.ts";
import { ImportField } from "./import-field.tsx";
import { InstalledModel } from "./installed-model.tsx";
import { OfferedModelCard } from "./offered-model.tsx";
import { ShelfNews } from "./shelf-news.tsx";

const nameOf = (task: CatalogTask) => (task === "remove" ? "Remove things" : taskNames[task]);

/** Work that goes on, what is installed, what could be, and a way in for one's own files. */
export function Shelf() {
  const { shelf, engines, settings } = usePanel();
  const task = useSignal<CatalogTask | "all">(settings.task.peek());
  const place = engines.place.value;
  const isThere = place === "browser" || engines.companion.value.type === "up";
  useEffect(() => void (isThere && shelf.open()), [place, isThere, shelf]);
  if (!isThere) return <p>Looking for the companion…</p>;
  const catalog = shelf.catalog.value;
  const problem = shelf.problem.value;
  const chosen = task.value === "all" ? undefined : task.value;
  const offered = catalog?.models.filter(
    ({ isInstalled, tasks }) => !isInstalled && (chosen === undefined || tasks.includes(chosen)),
  );
  // Those of models that are listed below show there; who can neither mend nor forget what failed need not read of it.
  const open = shelf.work.tasks.value.filter(
    ({ state, type, model }) =>
      state !== "done" &&
      state !== "cancelled" &&
      (state !== "failed" || shelf.may("cancelModelTask")) &&
      !(type === "install" && offered?.some(({ id }) => id === model) === true),
  );
  return (
    <>
      <ShelfNews work={open} />
      {place === "browser" && <BrowserRoom />}
      <h3>Installed</h3>
      <ul class="shelf-list" aria-label="Installed models">
        {engines.models.value.map((model) => (
          <InstalledModel key={model.id} model={model} />
        ))}
      </ul>
      <div class="row shelf-head">
        <h3>To install</h3>
        <span class="footer-space" />
        <select
          class="select"
          aria-label="What the models are for"
          value={task.value}
          onChange={({ currentTarget }) => {
            task.value = catalogTasks.find((each) => each === currentTarget.value) ?? "all";
          }}
        >
          <option value="all">Everything</option>
          {catalogTasks.map((each) => (
            <option key={each} value={each}>
              {nameOf(each)}
            </option>
          ))}
        </select>
      </div>
      {catalog === undefined ? (
        problem === undefined && <p>Reading the catalog…</p>
      ) : (
        <ul class="shelf-list" aria-label="Models to install">
          {[...(offered ?? [])].sort(byUse(chosen)).map((model) => (
            <OfferedModelCard key={model.id} model={model} machine={catalog.machine} task={chosen} />
          ))}
          {offered?.length === 0 && <li>Everything for this is installed.</li>}
        </ul>
      )}
      {shelf.may("startModelTask") ? (
        <ImportField />
      ) : (
        <p class="popover-note">
          Whoever runs the companion installs, updates and removes its models: ask them for others.
        </p>
      )}
    </>
  );
}
