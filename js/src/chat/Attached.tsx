import { effect } from "@preact/signals-core";
import { useEffect, useState } from "preact/hooks";
import type { AttachedData, ChatTabs } from "../protocol";
import { bytes, count } from "../ui/amounts";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Dots } from "../ui/Dots";
import { Icon, type IconName } from "../ui/icons";
import { scrolling } from "../ui/scrolling";
import type { Actions } from "./actions";
import type { Uploads } from "./uploads";

interface Props {
  attachments: readonly AttachedData[];
  tabs: ChatTabs;
  /** The name of a model that is known to see no images. */
  blind: string | null;
  uploads: Uploads;
  actions: Actions;
  /** One was removed: the field gets the focus. */
  onRemoved: () => void;
}

const ICONS: Readonly<Record<string, IconName>> = {
  image: "image",
  pdf: "book",
  table: "list",
};

/** What is attached to the next question. */
export function Attached(props: Props) {
  const { attachments, tabs, blind, uploads, actions, onRemoved } = props;
  const pictures = attachments.some(({ kind }) => kind === "image");
  const [progress, setProgress] = useState(() => uploads.progress.peek());
  useEffect(() => effect(() => setProgress(uploads.progress.value)), [uploads]);
  const [opened, setOpened] = useState<string | null>(null);
  useEffect(
    () => uploads.keep(new Set(attachments.map(({ id }) => id)), tabs),
    [attachments, tabs],
  );
  const looked = attachments.find(({ id }) => id === opened);
  if (attachments.length === 0) return null;
  return (
    <>
      <ul class="pl-attached" aria-label="Attachments">
        {attachments.map((each) => (
          <li key={each.id}>
            <One
              each={each}
              part={progress.get(each.id) ?? null}
              uploads={uploads}
              actions={actions}
              onOpen={() => setOpened(each.id)}
              onRemove={() => {
                uploads.drop(each.id);
                actions.detach(each.id);
                onRemoved();
              }}
            />
          </li>
        ))}
      </ul>
      {blind && pictures && (
        <div class="pl-attached-blind" role="status">
          <Icon name="warning" />
          <span>{blind} cannot see images. Choose another model, or remove them.</span>
        </div>
      )}
      <Dialog
        title={looked?.name ?? ""}
        open={looked !== undefined}
        onClose={() => setOpened(null)}
      >
        {looked && <Look each={looked} uploads={uploads} actions={actions} />}
      </Dialog>
    </>
  );
}

interface OneProps {
  each: AttachedData;
  /** How much of it has arrived. */
  part: number | null;
  uploads: Uploads;
  actions: Actions;
  onOpen: () => void;
  onRemove: () => void;
}

function One({ each, part, uploads, actions, onOpen, onRemove }: OneProps) {
  const { name, state, kind, error } = each;
  const failed = state === "failed";
  const inside = (
    <>
      <span class="pl-attached-mark">
        {kind === "image" ? (
          <Thumbnail {...{ each, uploads, actions }} />
        ) : state === "receiving" || state === "reading" ? (
          <Dots />
        ) : (
          <Icon name={failed ? "warning" : (ICONS[kind] ?? "file")} />
        )}
      </span>
      <span class="pl-attached-words">
        <span class="pl-attached-name" dir="auto">
          {name}
        </span>
        <span class="pl-attached-facts">
          {failed ? error?.message : facts(each, part)}
        </span>
        {failed && error?.hint && <span class="pl-attached-facts">{error.hint}</span>}
      </span>
    </>
  );
  return (
    <div class={failed ? "pl-attached-one pl-attached-failed" : "pl-attached-one"}>
      {state === "ready" ? (
        <button
          type="button"
          class="pl-attached-open"
          title={[facts(each, part), ...each.notes].join("\n")}
          onClick={onOpen}
        >
          <span class="pl-hidden">Look at</span>
          {inside}
        </button>
      ) : (
        <div class="pl-attached-open" role={failed ? "alert" : undefined}>
          {inside}
        </div>
      )}
      <IconButton icon="close" label={`Remove ${name}`} onClick={onRemove} />
      {part !== null && state === "receiving" && (
        <span
          class="pl-attached-bar"
          style={{ "--pl-part": `${100 * part}%` }}
          aria-hidden="true"
        />
      )}
    </div>
  );
}

/** What a chip says of an attachment, in a few words. */
export function facts(each: AttachedData, part: number | null): string {
  const { state, kind, size, tokens, pages, pixels, note, notes } = each;
  if (state === "receiving")
    return part === null ? bytes(size) : `${Math.floor(100 * part)}% of ${bytes(size)}`;
  if (state === "reading") return note || "Reading…";
  const words = [
    kind === "image" ? "" : kind === "pdf" ? "PDF" : kind,
    pages ? `${pages.toLocaleString("en")} ${pages === 1 ? "page" : "pages"}` : "",
    pixels ? pixels.join(" x ") : "",
    bytes(size),
    `~${count(tokens)} tokens`,
    ...notes,
  ];
  return words.filter(Boolean).join(" · ");
}

type Looked = Pick<OneProps, "each" | "uploads" | "actions">;

function usePicture({ each, uploads, actions }: Looked, own: boolean): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let ended = false;
    let made: string | null = null;
    const here = own ? uploads.picture(each.id) : undefined;
    void (async () => {
      let found = await here?.catch(() => null);
      if (!found) {
        found = await actions.picture(each.id).catch(() => null);
        made = found;
      }
      if (ended && made) URL.revokeObjectURL(made);
      if (!ended) setUrl(found);
    })();
    return () => {
      ended = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [each.id]);
  return url;
}

function Thumbnail(props: Looked) {
  const url = usePicture(props, true);
  return url ? <img src={url} alt="" /> : <Icon name="image" />;
}

/** What is sent of an attachment. */
function Look(props: Looked) {
  const { each } = props;
  return (
    <div class="pl-attached-look">
      <p class="pl-quiet">{facts(each, null)}</p>
      {each.kind === "image" ? (
        <Large {...props} />
      ) : (
        <pre {...scrolling("The beginning of its text")}>
          {each.excerpt || "It has no text."}
        </pre>
      )}
    </div>
  );
}

function Large(props: Looked) {
  const url = usePicture(props, false);
  return url ? (
    <img class="pl-attached-large" src={url} alt={props.each.name} />
  ) : (
    <p>This image is sent as it is, but cannot be shown here.</p>
  );
}
