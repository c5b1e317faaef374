import { Banner, Button, Progress } from "../kit";
import type { Actions } from "./actions";
import { summary } from "./offering";
import type { PromptsModel } from "./reducer";

interface Props {
  model: PromptsModel;
  can: Actions;
  disabled: boolean;
  onOpen: () => void;
}

/** An import that goes on, or waits, while something else is shown. */
export function Pending({ model, can, disabled, onOpen }: Props) {
  const { importing, stopping } = model;
  const { stage, title, job, error } = importing;
  if (stage === "none") return null;
  if (stage === "reading" || stage === "taking")
    return (
      <section class="pl-prompts-pending" aria-label="Import under way">
        <Progress
          label={job?.title ?? `import from ${title}`}
          progress={job?.progress ?? null}
          cancelling={stopping}
          {...(!disabled && { onCancel: can.stopImport })}
        />
        <Button label="Show the import" size="small" onClick={onOpen} />
      </section>
    );
  if (stage === "done")
    return <Banner message={summary(importing)} onDismiss={can.forgetImport} />;
  const action = { label: "Show the import", onClick: onOpen };
  if (stage === "offered")
    return (
      <Banner
        message={`The prompts of ${title} wait for your choice.`}
        action={action}
        onDismiss={can.forgetImport}
      />
    );
  return error ? (
    <Banner
      kind="error"
      message={`${title}: ${error.message}`}
      hint={error.hint}
      action={action}
      onDismiss={can.forgetImport}
    />
  ) : null;
}
