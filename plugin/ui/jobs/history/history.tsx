import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
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
import { openJob, openKept } from "./open-job.ts";

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
  const { jobs, flow, sandbox } = usePanel();
  const query = useSignal("");
  const kept = useSignal<readonly HistoryEntry[]>([]);
  useEffect(() => {
    // Without the file's own history there is still that of this panel.
    sandbox.readHistory().then(
      (entries) => {
        kept.value = entries;
      },
      () => {},
    );
  }, [sandbox, kept]);
  const known = new Set(jobs.all.value.map(({ id }) => id));
  const earlier = kept.value.filter(({ id, recipe }) => !known.has(id) && isFound(recipe, query.value));
  const shown = jobs.all.value.filter(({ isBarren, remains }) => !isBarren.value || remains.value !== undefined);
  const found = shown.filter((job) => isFound(job, query.value));
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
      {shown.length + kept.value.length > 0 && (
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
      {found.length + earlier.length === 0 && (
        <p>{shown.length + kept.value.length === 0 ? "What you make is kept here." : "Nothing like that was made."}</p>
      )}
      <ul class="history-list">
        {found.map((job) => (
          <HistoryItem key={job.id} job={job} onOpen={onOpen} />
        ))}
        {earlier.map((entry) => (
          <KeptItem key={entry.id} entry={entry} onOpen={onOpen} />
        ))}
      </ul>
    </>
  );
}

function HistoryItem({ job, onOpen }: { readonly job: EditJob; readonly onOpen: () => void }) {
  const panel = usePanel();
  const { request, createdAt } = job;
  const first = job.variants.value[0] ?? job.remains.value;
  const words = request.prompt === "" ? taskNames[request.task] : request.prompt;
  const details = job.isActive.value
    ? progressWords(job)
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

/** One that was made in this file before the panel was opened: its recipe can be used again. */
function KeptItem({ entry, onOpen }: { readonly entry: HistoryEntry; readonly onOpen: () => void }) {
  const panel = usePanel();
  const { request, seed } = entry.recipe;
  const words = request.prompt === "" ? taskNames[request.task] : request.prompt;
  return (
    <li class="history-item">
      <button
        type="button"
        class="history-open"
        title="Set everything as it was for this"
        onClick={() => {
          onOpen();
          void openKept(panel, entry);
        }}
      >
        {entry.thumbnail === undefined ? (
          <span class="thumbnail history-empty" />
        ) : (
          <img class="thumbnail" src={entry.thumbnail} alt="" />
        )}
        <span class="history-words">
          <b class="clipped">{words}</b>
          <small class="clipped">
            {taskNames[request.task]} · {request.model} · {seed} · {new Date(entry.at).toLocaleDateString()}
          </small>
        </span>
      </button>
      <IconButton icon="copy" label={`Copy the recipe of “${words}”`} onClick={() => copyRecipe(entry.recipe)} />
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
