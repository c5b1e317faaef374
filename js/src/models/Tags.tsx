import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Banner, Button, type Column, Dots, Problem, Table } from "../kit";
import type { Failure, TagData, TagsData } from "../protocol";
import { bytes, count } from "../ui/amounts";
import type { Actions } from "./actions";
import { whole } from "./finding";
import { usePull } from "./pulling";

interface Props {
  name: string;
  there: ReadonlySet<string>;
  can: Actions;
  disabled: boolean;
}

const FITS = { yes: "fits", slowly: "fits, slowly", no: "too large" };
const RANK = { yes: 0, slowly: 1, no: 2 };

/** The tags of a model of the library: sizes, contexts, and whether they fit. */
export function Tags({ name, there, can, disabled }: Props) {
  const [read, setRead] = useState<TagsData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [asked, setAsked] = useState(0);
  const pull = usePull(can);
  useEffect(() => {
    const ending = new AbortController();
    setProblem(null);
    can
      .request("tags", { name, refresh: asked > 0 }, { signal: ending.signal })
      .then(({ result }) => setRead(result))
      .catch((error) => {
        if (!ending.signal.aborted) setProblem(shown(error));
      });
    return () => ending.abort();
  }, [name, asked]);
  if (problem) {
    const action = { label: "Try again", onClick: () => setAsked(asked + 1) };
    return <Problem error={problem} action={action} />;
  }
  if (!read) {
    return (
      <div class="pl-models-wait" role="status">
        <Dots /> Reading its tags…
      </div>
    );
  }
  const columns: Column<TagData>[] = [
    {
      key: "name",
      label: "Tag",
      main: true,
      value: (tag) => tag.name,
      cell: (tag) => (
        <>
          {tag.name.slice(tag.name.lastIndexOf(":") + 1)}{" "}
          {tag.is_latest && !tag.name.endsWith(":latest") && (
            <span class="pl-badge">latest</span>
          )}
        </>
      ),
    },
    {
      key: "size",
      label: "Size",
      align: "end",
      value: (tag) => tag.size,
      cell: ({ size, name }) =>
        size != null ? bytes(size) : name.endsWith("cloud") ? "cloud: ollama.com" : "",
    },
    {
      key: "fit",
      label: "Fits here",
      value: (tag) => (tag.fit ? RANK[tag.fit] : null),
      cell: ({ fit, reason }) =>
        fit && (
          <span class={`pl-fit-${fit}`} title={reason}>
            {FITS[fit]}
          </span>
        ),
    },
    {
      key: "context",
      label: "Context",
      align: "end",
      value: (tag) => tag.context_window,
      cell: ({ context_window: window }) => (window ? count(window) : ""),
    },
    {
      key: "inputs",
      label: "Input",
      value: (tag) => tag.inputs.join(", "),
    },
    { key: "updated", label: "Updated", cell: ({ updated }) => updated },
    {
      key: "pull",
      label: "Pull",
      align: "end",
      cell: (tag) => {
        const has = there.has(whole(tag.name));
        return (
          <Button
            label={has ? "Pull again" : "Pull"}
            icon={has ? "check" : "download"}
            size="small"
            title={has ? `Pull ${tag.name} again: it is installed` : `Pull ${tag.name}`}
            disabled={disabled}
            onClick={() => pull(tag.name)}
          />
        );
      },
    },
  ];
  return (
    <div class="pl-tags">
      {read.note && <Banner kind="warning" message={read.note} />}
      <Table
        label={`Tags of ${name}`}
        columns={columns}
        rows={read.tags}
        rowKey={(tag) => tag.name}
        empty={<div class="pl-quiet">It has no tags.</div>}
      />
      {read.tags.some(({ fit }) => fit) && (
        <div class="pl-quiet">
          Whether one fits is a rough guess, from its size and the memory there is.
        </div>
      )}
    </div>
  );
}
