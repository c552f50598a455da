import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon-button.tsx";
import { openJob } from "../jobs/history/open-job.ts";
import type { EditJob } from "../jobs/list/edit-job.ts";
import { SHELF_ID } from "../models/shelf/shelf-popover.tsx";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { taskNames } from "./task-names.ts";

/**
 * One line beneath the picture for what was done, what happened and what to do first. It is always there and always one line, so that
 * neither the picture moves under the brush nor a control is covered when words come and go; what does not fit it is a press away.
 */
export function StatusLine({ draft }: { readonly draft: Draft }) {
  const { flow, jobs, panelWindow, shelf } = usePanel();
  const placed = draft.placed.value;
  const notice = draft.notice.value;
  const notes = draft.chosen.value?.result.recipe.notes?.map(({ text }) => text) ?? [];
  const isDiscarded = flow.discarded.value?.draft === draft;
  const words = [placed?.words, notice, ...notes].filter((each) => each !== undefined);
  if (words.length === 0 && !isDiscarded) {
    const [elsewhere] = jobs.unseen.value.filter((job) => job !== draft.shown.value?.job);
    if (elsewhere !== undefined) return <Finished job={elsewhere} />;
    if (panelWindow.isOffered.value && draft.task === "inpaint" && draft.isIdle.value) return <MoreRoom />;
    const hasDrawn = jobs.all.value.some((job) => job.variants.value.length > 0);
    if (hasDrawn && draft.isIdle.value && shelf.realModelOffer.isMade.value) return <RealModel />;
    return <p class="status">{hintFor(draft)}</p>;
  }
  return (
    <div class="status" data-tone={placed ? "success" : "notice"}>
      <Icon name={placed ? "check" : "info"} />
      <StatusWords words={isDiscarded ? ["Discarded."] : words} />
      {isDiscarded && (
        <button type="button" class="text-button" onClick={() => flow.undoDiscard()}>
          Undo
        </button>
      )}
      {placed !== undefined && <PlacedActions draft={draft} shapeId={placed.shapeId} />}
      {(placed !== undefined || notice !== undefined) && (
        <IconButton
          icon="x"
          label="Dismiss"
          onClick={() => {
            draft.placed.value = undefined;
            draft.notice.value = undefined;
          }}
        />
      )}
    </div>
  );
}

/** What there is to say, cut to the line; where that cuts something off, a button shows all of it. */
function StatusWords({ words }: { readonly words: readonly string[] }) {
  const id = useId();
  const line = useRef<HTMLParagraphElement>(null);
  const isCut = useSignal(false);
  const isOpen = useSignal(false);
  const all = words.join(" ");
  useLayoutEffect(() => {
    const element = line.current;
    if (element === null) return;
    const measure = () => {
      isCut.value = element.scrollWidth > element.clientWidth;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [all, isCut]);
  return (
    <>
      <p ref={line} class="clipped" title={all}>
        {all}
      </p>
      {isCut.value && (
        <>
          <IconButton icon="more" label="Read all of it" opens={id} />
          <div
            id={id}
            popover="auto"
            class="popover"
            role="dialog"
            aria-label="What happened"
            onToggle={({ newState }) => {
              isOpen.value = newState === "open";
            }}
          >
            {isOpen.value && words.map((each) => <p key={each}>{each}</p>)}
          </div>
        </>
      )}
    </>
  );
}

/** Offered once, to somebody who paints in a small panel. */
function MoreRoom() {
  const { panelWindow } = usePanel();
  return (
    <div class="status">
      <p class="clipped">More room to paint?</p>
      <button type="button" class="text-button" onClick={() => panelWindow.toggle()}>
        Make it large
      </button>
      <IconButton icon="x" label="Dismiss" onClick={() => panelWindow.declineOffer()} />
    </div>
  );
}

/** For those who have seen what the starter makes. */
function RealModel() {
  const { shelf } = usePanel();
  return (
    <div class="status">
      <p class="clipped">Want finer pictures?</p>
      <button type="button" class="text-button" popovertarget={SHELF_ID}>
        Get a real model
      </button>
      <IconButton icon="x" label="Dismiss" onClick={() => shelf.realModelOffer.decline()} />
    </div>
  );
}

function PlacedActions({ draft, shapeId }: { readonly draft: Draft; readonly shapeId: string }) {
  const { sandbox, insertions } = usePanel();
  return (
    <>
      {draft.placed.value?.placementId !== undefined && (
        <button type="button" class="text-button" onClick={() => void insertions.undo(draft)}>
          Undo
        </button>
      )}
      <button type="button" class="text-button" onClick={() => sandbox.selectShape(shapeId)}>
        Select
      </button>
    </>
  );
}

/** What to do first, where it is not obvious. */
function hintFor({ task, isIdle, session, chosen }: Draft): string {
  if (!isIdle.value) return chosen.value === undefined ? "" : "Enter inserts it. X shows before and after.";
  switch (task) {
    case "inpaint":
      return session?.hasMask.value ? "Alt erases, Shift draws lines." : "Paint over what should change.";
    case "edit":
      return session?.hasMask.value ? "Only what is painted changes." : "Say what should change.";
    case "outpaint":
      return "Drag a border, or choose a format.";
    case "restyle":
      return "Choose a style, or say one in words.";
    case "upscale":
      return "What shows stays the same, with more pixels.";
    case "create":
      return "Say what the picture should show.";
    default:
      return task satisfies never;
  }
}

/** Something was finished while nobody looked: on another tab, or while the panel was hidden. */
function Finished({ job }: { readonly job: EditJob }) {
  const panel = usePanel();
  const name = job.target?.shapeName;
  return (
    <div class="status">
      <p class="clipped">
        {taskNames[job.request.task]} is finished{name === undefined ? "" : ` for “${name}”`}.
      </p>
      <button type="button" class="text-button" onClick={() => void openJob(panel, job)}>
        See it
      </button>
    </div>
  );
}
