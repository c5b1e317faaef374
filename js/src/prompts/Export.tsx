import { useEffect, useState } from "preact/hooks";
import { shown } from "../bridge";
import { Banner, Button, Dialog, Dots, Failed, Field, Select } from "../kit";
import type { ExportedData, Failure, SourceData } from "../protocol";
import { download } from "../ui/download";
import type { Actions, PromptsLink } from "./actions";
import { prompts } from "./offering";

interface Props {
  can: Actions;
  link: PromptsLink;
  /** The prompts to export; none for all. */
  names: readonly string[];
  onClose: () => void;
}

/** Writes prompts to a path, or downloads them. */
export function Export({ can, link, names, onClose }: Props) {
  const [formats, setFormats] = useState<readonly SourceData[] | null>(null);
  const [chosen, setChosen] = useState("");
  const [path, setPath] = useState("");
  const [existing, setExisting] = useState<ExportedData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState("");
  useEffect(() => {
    can
      .request("sources")
      .then(({ result }) => setFormats(result.sources.filter(({ writes }) => writes)))
      .catch((error) => setProblem(shown(error)));
  }, []);
  const format =
    formats?.find(({ name }) => name === chosen) ??
    formats?.find(({ name }) => name === "markdown") ??
    formats?.[0];
  const go = async (where: string, overwrite = false) => {
    if (!format || busy) return;
    setBusy(true);
    setProblem(null);
    setLast(where);
    try {
      const params = { names: [...names], format: format.name, path: where, overwrite };
      const { result, buffers } = await can.request("export", params);
      if (result.existing.length) setExisting(result);
      else {
        const [content] = buffers;
        if (content) download(result.file_name, content);
        const place = content
          ? `downloaded as ${result.file_name}`
          : `in ${result.path}`;
        can.toaster.say(`${prompts(result.count)} ${place}.`);
        onClose();
      }
    } catch (error) {
      setProblem(shown(error as Error));
    }
    setBusy(false);
  };
  const what =
    names.length === 1 ? names[0] : names.length ? prompts(names.length) : "all";
  return (
    <Dialog
      title={`Export ${what}`}
      open
      onClose={onClose}
      actions={
        <>
          <Button
            label="Download"
            icon="download"
            disabled={!format || busy}
            onClick={() => go("")}
          />
          <Button
            label={existing ? "Overwrite" : "Write to the path"}
            kind={existing ? "danger" : "primary"}
            busy={busy}
            disabled={!format || !path.trim()}
            onClick={() => go(path, existing !== null)}
          />
        </>
      }
    >
      {!formats && !problem && <Dots label="Looking for formats" />}
      {formats && (
        <>
          <Select
            label="Format"
            value={format?.name ?? ""}
            options={formats.map(({ name, title, location }) => ({
              value: name,
              label: title,
              description: location,
            }))}
            onSelect={(name) => {
              setChosen(name);
              setExisting(null);
            }}
          />
          <Field
            label="Path"
            code
            value={path}
            placeholder="prompts"
            hint="A folder or a file on the kernel's machine. Download needs none."
            onInput={(path) => {
              setPath(path);
              setExisting(null);
            }}
          />
        </>
      )}
      {!names.length && (
        <p class="pl-quiet pl-prompts-say">Encrypted prompts are left out.</p>
      )}
      {existing && (
        <Banner
          kind="warning"
          message={`There already: ${existing.existing.join(", ")}`}
          hint="Nothing was written yet. Overwrite replaces what is there."
        />
      )}
      {problem && (
        <Failed error={problem} link={link} onUnlocked={() => void go(last)} />
      )}
    </Dialog>
  );
}
