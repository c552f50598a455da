import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { HistoryEntry } from "../../../../shared/protocol/plugin/history.ts";
import { taskNames } from "../../app/task-names.ts";
import { Icon } from "../../controls/icon.tsx";
import { IconButton } from "../../controls/icon-button.tsx";
import { Thumbnail } from "../../controls/thumbnail.tsx";
import { usePanel } from "../../panel-context.ts";
import type { EditJob } from "../list/edit-job.ts";
import { progressWords } from "../progress/progress-words.ts";
import { copyRecipe } from "../recipes/copy-recipe.ts";
import { cancelJob } from "../run/run-job.ts";
import { KeptItem } from "./kept-item.tsx";
import { openJob, openKept, openPast } from "./open-job.ts";
import { pastJobsHere } from "./past-jobs.ts";

const HISTORY_ID = "history";

/** The way to everything that runs, waits or was made, with how much of it nobody has seen. */
export function HistoryButton() {
  const { jobs } = usePanel();
  const active = jobs.active.value.length;
  const unseen = jobs.unseen.value.length;
  const words = active > 0 ? `${active} running` : unseen > 0 ? `${unseen} new` : "History";
  return (
    <>
      <button
        type="button"
        class="footer-button"
        popovertarget={HISTORY_ID}
        aria-label={`History, ${words}`}
        title="History"
      >
        <Icon name="clock" />
        <span class="chip-words">{words}</span>
      </button>
      <History />
    </>
  );
}

/** All jobs of this file, newest first. Filled while it is open. */
function History() {
  const popover = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(false);
  return (
    <div
      ref={popover}
      id={HISTORY_ID}
      popover="auto"
      class="popover history"
      role="dialog"
      aria-label="History"
      onToggle={({ newState }) => {
        isOpen.value = newState === "open";
      }}
    >
      {isOpen.value && <HistoryList onOpen={() => popover.current?.hidePopover()} />}
    </div>
  );
}

function HistoryList({ onOpen }: { readonly onOpen: () => void }) {
  const panel = usePanel();
  const { jobs, flow, sandbox, engines, sessions } = panel;
  const query = useSignal("");
  const kept = useSignal<readonly HistoryEntry[]>([]);
  const known = useComputed(() => new Set<string>([...jobs.all.value, ...kept.value].map(({ id }) => id)));
  const past = useMemo(() => pastJobsHere({ engines, sessions }, known), [engines, sessions, known]);
  useEffect(() => {
    // Without the file's own history there is still that of this panel.
    sandbox.readHistory().then(
      (entries) => {
        kept.value = entries;
      },
      () => {},
    );
  }, [sandbox, kept]);
  const own = new Set(jobs.all.value.map(({ id }) => id));
  const earlier = kept.value.filter(({ id, recipe }) => !own.has(id) && isFound(recipe, query.value));
  const older = past.found.value.filter(({ job }) => !known.value.has(job.id) && isFound(job, query.value));
  const shown = jobs.all.value.filter(({ isBarren, remains }) => !isBarren.value || remains.value !== undefined);
  const found = shown.filter((job) => isFound(job, query.value));
  const isEmpty = shown.length + kept.value.length + past.found.value.length === 0;
  return (
    <>
      <div class="row">
        <h2>History</h2>
        <span class="footer-space" />
        {jobs.active.value.length > 1 && (
          <button type="button" class="text-button" onClick={() => void flow.cancelAll()}>
            Cancel all
          </button>
        )}
        <IconButton icon="x" label="Close the history" onClick={onOpen} />
      </div>
      {!isEmpty && (
        <input
          type="search"
          class="input"
          placeholder="Search words, models, seeds"
          aria-label="Search the history"
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      )}
      {found.length + earlier.length + older.length === 0 && (
        <p>{isEmpty ? "What you make is kept here." : "Nothing like that was made."}</p>
      )}
      <ul class="history-list">
        {found.map((job) => (
          <HistoryItem key={job.id} job={job} onOpen={onOpen} />
        ))}
        {earlier.map((entry) => (
          <KeptItem
            key={entry.id}
            recipe={entry.recipe}
            at={entry.at}
            thumbnail={entry.thumbnail}
            onOpen={() => {
              onOpen();
              void openKept(panel, entry);
            }}
          />
        ))}
        {older.map(({ job, recipe }) => (
          <KeptItem
            key={job.id}
            recipe={recipe}
            at={job.createdAt}
            onOpen={() => {
              onOpen();
              void openPast(panel, job, recipe);
            }}
          />
        ))}
      </ul>
      {engines.place.value === "companion" && past.hasMore.value && (
        <button type="button" class="text-button" disabled={past.isReading.value} onClick={() => void past.readOn()}>
          {past.isReading.value ? "Looking…" : "Older ones that the companion knows"}
        </button>
      )}
      {past.problem.value !== undefined && (
        <p class="field-error" role="alert">
          {past.problem.value.message}
        </p>
      )}
    </>
  );
}

function HistoryItem({ job, onOpen }: { readonly job: EditJob; readonly onOpen: () => void }) {
  const panel = usePanel();
  const { request, createdAt } = job;
  const first = job.variants.value[0] ?? job.remains.value;
  const words = request.prompt === "" ? taskNames[request.task] : request.prompt;
  const details = job.isActive.value
    ? progressWords(job, panel.jobs.active.value)
    : `${request.model} · ${request.seed} · ${new Date(createdAt).toLocaleTimeString([], { timeStyle: "short" })}`;
  return (
    <li class="history-item">
      <button
        type="button"
        class="history-open"
        onClick={() => {
          onOpen();
          void openJob(panel, job);
        }}
      >
        {first === undefined ? <span class="thumbnail history-empty" /> : <Thumbnail pixels={first.thumbnail} />}
        <span class="history-words">
          <b class="clipped">{words}</b>
          <small class="clipped">
            {taskNames[request.task]}
            {job.variants.value.length > 1 && ` · ${job.variants.value.length} variants`}
            {job.isDiscarded.value && " · discarded"} · {details}
          </small>
        </span>
      </button>
      {job.isActive.value ? (
        <IconButton icon="x" label={`Cancel “${words}”`} onClick={() => void cancelJob(job)} />
      ) : (
        <IconButton
          icon="copy"
          label={`Copy the recipe of “${words}”`}
          onClick={() => first && copyRecipe(first.result.recipe)}
        />
      )}
    </li>
  );
}

interface Findable {
  readonly request: EditJob["request"];
  readonly target?: EditJob["target"];
}

function isFound({ request, target }: Findable, query: string): boolean {
  const text = [request.prompt, request.task, request.model, `${request.seed}`, target?.shapeName]
    .join(" ")
    .toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
