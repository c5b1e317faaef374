import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { onAbort } from "../bridge";
import { child } from "../child-widget";
import { Banner, IconButton, Tabs, Toasts } from "../kit";
import type { ChatOpened, LibraryData, PlaceData } from "../protocol";
import type { Actions, ModelsLink } from "./actions";
import { Details } from "./Details";
import { Dialogs } from "./Dialogs";
import { names } from "./finding";
import { emptyForm, formFrom } from "./form";
import { Installed } from "./Installed";
import { Jobs } from "./Jobs";
import { Library } from "./Library";
import { Make, type Making } from "./Make";
import type { Asked, Doing } from "./menu";
import { Pull } from "./Pull";
import { emptyQuantize, suggestion } from "./quantizing";
import { Running } from "./Running";
import type { ModelsModel } from "./reducer";

interface Props {
  model: ModelsModel;
  can: Actions;
  link: ModelsLink;
  now: number;
  /** How many toasts there are: the view is rendered when that changes. */
  toasts: number;
}

const SEGMENTS = ["installed", "running", "library", "create"] as const;
const TITLES = {
  installed: "Installed",
  running: "Running",
  library: "Library",
  create: "Create",
};

/** The life of local models: what is installed, what runs, and what is under way. */
export function Models({ model, can, link, now }: Props) {
  const { models, place, chat } = model;
  const [open, setOpen] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [visited, setVisited] = useState<readonly string[]>([]);
  const [library, setLibrary] = useState<LibraryData | null>(null);
  const known = useMemo(() => names(library?.models ?? []), [library]);
  const [making, setMaking] = useState<Making>("create");
  const [form, setForm] = useState(emptyForm);
  const [quantize, setQuantize] = useState(emptyQuantize);
  const disabled = model.lost || model.heard === false;
  const go = (segment: string) => {
    setVisited([...new Set([...visited, place.segment, segment])]);
    can.place({ segment: segment as PlaceData["segment"] });
  };
  const doing: Doing = {
    can,
    disabled,
    ask: setAsked,
    open: setOpen,
    createFrom: (row) => {
      setForm(formFrom(form, row));
      setMaking("create");
      go("create");
    },
    quantize: ({ id }) => {
      const next = { ...emptyQuantize, source: id };
      setQuantize({ ...next, target: suggestion(next) });
      setMaking("quantize");
      go("create");
    },
  };
  const shown = models.find(({ id }) => id === open);
  const counts = {
    installed: models.length,
    running:
      place.segment === "running" && model.running
        ? model.running.models.length
        : models.filter(({ loaded }) => loaded).length,
  };
  const panels = {
    installed: () => (
      <div class={shown ? "pl-drawer-host pl-models-host" : "pl-drawer-host"}>
        <Installed {...{ model, doing, now, open, selected }} onSelect={setSelected} />
        <Details
          model={model}
          row={shown}
          doing={doing}
          onClose={() => setOpen(null)}
        />
      </div>
    ),
    running: () => <Running {...{ model, can, now, disabled }} />,
    library: () => (
      <Library {...{ model, can, now, disabled, library }} onRead={setLibrary} />
    ),
    create: () => (
      <Make
        {...{ model, can, disabled, making, form, quantize }}
        onMake={setMaking}
        onForm={setForm}
        onQuantize={setQuantize}
      />
    ),
  };
  return (
    <section class="pl-view pl-models" aria-label="Local models">
      <Cut model={model} />
      <Pull {...{ model, can, disabled, known }} />
      <Jobs {...{ model, can, disabled }} />
      <Tabs
        label="Local models"
        tabs={SEGMENTS.map((name) => ({
          name,
          label: TITLES[name],
          ...(name in counts &&
            model.ready && { count: counts[name as keyof typeof counts] }),
        }))}
        current={place.segment}
        onOpen={go}
        kept={visited}
      >
        {(name) => panels[name as keyof typeof panels]()}
      </Tabs>
      {chat && <Chat chat={chat} link={link} onClose={can.closeChat} />}
      <Dialogs
        {...{ model, can, asked }}
        ask={setAsked}
        onClose={() => setAsked(null)}
        onDeleted={(ids) => {
          setSelected(new Set([...selected].filter((id) => !ids.includes(id))));
          if (open !== null && ids.includes(open)) setOpen(null);
        }}
      />
      <Toasts toaster={can.toaster} />
    </section>
  );
}

/** Why nothing can be done here at the moment. */
function Cut({ model: { lost, heard } }: Pick<Props, "model">) {
  if (lost)
    return (
      <Banner
        kind="warning"
        message="The kernel of this view has ended."
        hint="This is what it last knew. %parllama models --view opens a new one."
      />
    );
  if (heard === false)
    return (
      <Banner
        message="The kernel is busy: this view answers when the running cell ends."
        hint="What goes on is shown meanwhile."
      />
    );
  return null;
}

interface ChatProps {
  chat: ChatOpened;
  link: ModelsLink;
  onClose: () => void;
}

/** A chat with one of the models, below the table. */
function Chat({ chat, link, onClose }: ChatProps) {
  const box = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const holder = box.current as HTMLElement;
    // Its height comes with its first rendering.
    const grown = new ResizeObserver(() => {
      if (holder.offsetHeight < 100) return;
      grown.disconnect();
      holder.scrollIntoView({ block: "nearest" });
    });
    onAbort(signal, () => grown.disconnect());
    child(link, chat.model_id, holder, signal)
      .then(() => !signal.aborted && grown.observe(holder))
      .catch((error: Error) => {
        if (!signal.aborted) setProblem(error.message);
      });
    return () => ending.abort();
  }, [chat.model_id]);
  return (
    <section class="pl-models-chat" aria-label={`Conversation ${chat.session}`}>
      <div class="pl-models-chat-head">
        <span class="pl-label">{chat.session}</span>
        <IconButton label="Close the chat" icon="close" onClick={onClose} />
      </div>
      {problem && <div class="pl-quiet">{problem}</div>}
      <div ref={box} />
    </section>
  );
}
