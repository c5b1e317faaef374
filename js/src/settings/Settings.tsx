import type { SettingsGroup } from "../protocol";
import { Banner } from "../ui/Banner";
import { changedIn, type SettingsModel, type Value } from "./reducer";
import { Setting } from "./Setting";

export interface Actions {
  set: (key: string, value: Value) => Promise<boolean>;
  forgive: (key: string) => void;
}

type GroupProps = Actions & Pick<SettingsModel, "errors"> & { group: SettingsGroup };

function Fields({ group, errors, ...actions }: GroupProps) {
  return (
    <>
      {group.settings.map((setting) => (
        <Setting
          key={setting.key}
          setting={setting}
          error={errors[setting.key]}
          {...actions}
        />
      ))}
    </>
  );
}

/** In how far a folded group is not as it is by default, in a word or two. */
function summary(group: SettingsGroup): string {
  const off = group.settings.some(
    ({ kind, default: usual, value }) => kind === "switch" && usual && !value,
  );
  const count = changedIn(group).length;
  return [off && "off", count && `${count} changed`].filter(Boolean).join(", ");
}

function Group(props: GroupProps) {
  const { group } = props;
  if (!group.folded) {
    return (
      <section aria-label={group.title}>
        <h3 class="pl-settings-title">{group.title}</h3>
        {group.description && <p class="pl-quiet">{group.description}</p>}
        <Fields {...props} />
      </section>
    );
  }
  return (
    <details class="pl-settings-fold">
      <summary>
        <span>{group.title}</span>
        <span class="pl-quiet">{summary(group)}</span>
      </summary>
      <Fields {...props} />
    </details>
  );
}

export function Settings({
  groups,
  path,
  problem,
  ready,
  heard,
  ...rest
}: SettingsModel & Actions) {
  const folded = groups.filter((group) => group.folded);
  return (
    <section class="pl-settings" aria-label="Settings">
      {problem && <Banner message={problem.message} hint={problem.hint} />}
      {heard === false && (
        <p class="pl-notice">Changes are made when the running cell is over.</p>
      )}
      {!ready && (
        <p class="pl-quiet" role="status">
          Asking the kernel…
        </p>
      )}
      {groups
        .filter((group) => !group.folded)
        .map((group) => (
          <Group key={group.name} group={group} {...rest} />
        ))}
      {folded.length > 0 && (
        <section aria-label="Providers">
          <h3 class="pl-settings-title">Providers</h3>
          {folded.map((group) => (
            <Group key={group.name} group={group} {...rest} />
          ))}
        </section>
      )}
      {path && <p class="pl-quiet pl-settings-path">Kept in {path}</p>}
    </section>
  );
}
