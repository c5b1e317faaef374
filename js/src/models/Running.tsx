import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Bar, Button, type Column, Dots, Empty, Problem, Table } from "../kit";
import type { RunningData } from "../protocol";
import { bytes, count, duration } from "../ui/amounts";
import type { Actions } from "./actions";
import type { ModelsModel } from "./reducer";

interface Props {
  model: ModelsModel;
  can: Actions;
  now: number;
  disabled: boolean;
}

/** Milliseconds between two questions while the list is seen. */
const PAUSE = 3000;

/** Whether an element is seen: in the window, its tab shown, the page not hidden. */
function useSeen(box: RefObject<HTMLElement | null>): boolean {
  const [inside, setInside] = useState(false);
  const [hidden, setHidden] = useState(document.hidden);
  useEffect(() => {
    const seen = new IntersectionObserver((entries) =>
      setInside(entries.some((entry) => entry.isIntersecting)),
    );
    seen.observe(box.current as Element);
    const change = () => setHidden(document.hidden);
    document.addEventListener("visibilitychange", change);
    return () => {
      seen.disconnect();
      document.removeEventListener("visibilitychange", change);
    };
  }, []);
  return inside && !hidden;
}

/** The models in memory. The server is only asked while somebody sees them. */
export function Running({ model, can, now, disabled }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useSeen(box);
  const { running } = model;
  useEffect(() => {
    if (!seen || disabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      await can.askRunning();
      if (!over) timer = setTimeout(ask, PAUSE);
    };
    ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [seen, disabled]);
  const columns: Column<RunningData>[] = [
    { key: "name", label: "Model", value: (row) => row.name, main: true },
    {
      key: "size",
      label: "Memory",
      value: (row) => row.size,
      cell: ({ size }) => (size == null ? "" : bytes(size)),
      align: "end",
    },
    { key: "gpu", label: "Runs on", value: (row) => row.gpu, cell: Place },
    {
      key: "context",
      label: "Context",
      value: (row) => row.context_window,
      cell: ({ context_window: window }) => (window ? count(window) : ""),
      align: "end",
    },
    {
      key: "until",
      label: "Unloads",
      value: (row) => row.until ?? Number.POSITIVE_INFINITY,
      cell: ({ until, provider }) => unloads(until, now, provider),
    },
    {
      key: "actions",
      label: "Actions",
      cell: ({ id, name }) => (
        <Button
          label="Unload"
          size="small"
          title={`Unload ${name}`}
          busy={model.doing[id] !== undefined}
          disabled={disabled}
          onClick={() => can.unload(id)}
        />
      ),
      align: "end",
    },
  ];
  return (
    <div class="pl-models-running" ref={box}>
      {running?.problem && <Down error={running.problem} />}
      {running ? (
        <Table
          label="Models in memory"
          columns={columns}
          rows={running.models}
          rowKey={({ id }) => id}
          empty={
            running.problem ? null : (
              <Empty title="No model is loaded" icon="cube">
                One is loaded with its first question, or by Load in its menu.
              </Empty>
            )
          }
        />
      ) : (
        <div class="pl-models-wait" role="status">
          <Dots /> Asking what is loaded…
        </div>
      )}
    </div>
  );
}

/** A server that is not there, and how it is started. */
function Down({ error }: { error: NonNullable<ModelsModel["running"]>["problem"] }) {
  if (!error) return null;
  if (error.code !== "unreachable") return <Problem error={error} />;
  const hint = "Start its app, or run ollama serve in a terminal.";
  return <Problem error={{ ...error, message: "Ollama is not running.", hint }} />;
}

function Place({ gpu, processor }: RunningData) {
  if (gpu == null) return <>{processor}</>;
  return (
    <div class="pl-models-gpu">
      <span>{processor}</span>
      <Bar label="Share on the GPU" part={gpu} text={processor} />
    </div>
  );
}

/** When a model is unloaded, counting down. */
function unloads(until: number | null | undefined, now: number, provider: string) {
  if (until == null) return provider === "embedded" ? "with the kernel" : "never";
  return until <= now ? "now" : `in ${duration(until - now)}`;
}
