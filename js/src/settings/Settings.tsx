import { Disclosure, Problem } from "../kit";
import type { SettingsGroup } from "../protocol";
import { changedIn, type SettingsModel } from "./reducer";
import { type Actions, Setting } from "./Setting";

interface GroupProps extends Actions, Pick<SettingsModel, "errors"> {
  group: SettingsGroup;
}

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
  const { title, description } = props.group;
  return (
    <section aria-label={title}>
      <h3 class="pl-settings-title">{title}</h3>
      {description && <div class="pl-quiet">{description}</div>}
      <Fields {...props} />
    </section>
  );
}

export function Settings(props: SettingsModel & Actions) {
  const { groups, path, problem, ready, heard, ...rest } = props;
  const folded = groups.filter((group) => group.folded);
  return (
    <section class="pl-view pl-settings" aria-label="Settings">
      {problem && <Problem error={problem} />}
      {heard === false && (
        <div class="pl-notice">Changes are made when the running cell is over.</div>
      )}
      {!ready && (
        <div class="pl-quiet" role="status">
          Asking the kernel…
        </div>
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
            <Disclosure key={group.name} label={group.title} note={summary(group)}>
              {/* biome-ignore lint/a11y/useSemanticElements: its legend is the summary */}
              <div role="group" aria-label={group.title}>
                <Fields group={group} {...rest} />
              </div>
            </Disclosure>
          ))}
        </section>
      )}
      {path && <div class="pl-quiet pl-settings-path">Kept in {path}</div>}
    </section>
  );
}
