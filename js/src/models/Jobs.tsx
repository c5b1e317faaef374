import { useEffect, useRef } from "preact/hooks";
import { isRunning, type Job } from "../jobs/reducer";
import { Button, IconButton, Progress } from "../kit";
import type { Actions } from "./actions";
import { usePull } from "./pulling";
import type { ModelsModel } from "./reducer";
import { offered, plain, withoutTls } from "./words";

interface Props {
  model: ModelsModel;
  can: Actions;
  disabled: boolean;
}

/** The jobs that run, and those that failed until they are dismissed. */
export function Jobs({ model, can, disabled }: Props) {
  const { jobs, failed } = model;
  const running = jobs.filter(isRunning);
  const broken = jobs.filter(({ id }) => failed.includes(id));
  if (!running.length && !broken.length) return null;
  return (
    <section class="pl-models-jobs" aria-label="Under way">
      {running.map((job) => (
        <Progress
          key={job.id}
          label={titled(job)}
          progress={job.progress ?? null}
          note={job.notice}
          cancelling={job.cancelling}
          {...(!disabled && { onCancel: () => can.cancel(job.id) })}
        />
      ))}
      {broken.map((job) => (
        <Broken key={job.id} job={job} can={can} disabled={disabled} />
      ))}
    </section>
  );
}

/** What a job does: its phase alone, if that names the model as its title does. */
const titled = ({ title, progress }: Job) =>
  progress?.phase.includes(title.slice(title.indexOf(" ") + 1))
    ? progress.phase
    : title;

/** Why a job failed; a name that its error offers is pulled with a click. */
function Broken({ job, can, disabled }: { job: Job } & Omit<Props, "model">) {
  const { error, title } = job;
  const pull = usePull(can);
  const offer = error && title.startsWith("pull ") ? offered(error) : null;
  const verb = error ? withoutTls(error) : undefined;
  const name = title.slice(title.indexOf(" ") + 1);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Whoever is far below, at the end of a form, is told there.
    const look = new IntersectionObserver(([seen]) => {
      look.disconnect();
      if (seen?.isIntersecting === false)
        can.toaster.say(`${title}: ${error?.message ?? "it failed."}`, "error");
    });
    look.observe(box.current as HTMLElement);
    return () => look.disconnect();
  }, []);
  const again = () => {
    can.dismiss(job.id);
    if (verb === "push") can.push(name, true);
    else pull(name, true);
  };
  return (
    <div class="pl-banner pl-banner-error" role="alert" ref={box}>
      <div class="pl-banner-words">
        <div class="pl-banner-message">
          {title}: {error?.message ?? "it failed."}
        </div>
        {offer ? (
          <div class="pl-models-offered">
            {offer.words}
            {offer.names.map((name) => (
              <Button
                key={name}
                label={name}
                size="small"
                disabled={disabled}
                title={`Pull ${name}`}
                onClick={() => {
                  can.dismiss(job.id);
                  pull(name);
                }}
              />
            ))}
          </div>
        ) : verb ? (
          <div class="pl-models-offered">
            If you trust this registry:
            <Button
              label={verb === "push" ? "Push without TLS" : "Pull without TLS"}
              size="small"
              disabled={disabled}
              title={`What ${name} holds could be read and changed on its way`}
              onClick={again}
            />
          </div>
        ) : (
          error?.hint && <div>{plain(error.hint)}</div>
        )}
      </div>
      <IconButton
        label={`Dismiss ${title}`}
        icon="close"
        onClick={() => can.dismiss(job.id)}
      />
    </div>
  );
}
