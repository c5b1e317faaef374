import { Problem } from "../kit";
import type { SettingsGroup } from "../protocol";
import type { Actions } from "./actions";
import type { SettingsModel } from "./reducer";
import { type Models, Setting } from "./Setting";

interface GroupProps extends Actions, Models, Pick<SettingsModel, "errors"> {
  group: SettingsGroup;
}

function Group({ group, errors, ...actions }: GroupProps) {
  const { title, description, settings } = group;
  return (
    <section aria-label={title}>
      <h3 class="pl-settings-title">{title}</h3>
      {description && <div class="pl-quiet">{description}</div>}
      {settings.map((setting) => (
        <Setting
          key={setting.key}
          setting={setting}
          error={errors[setting.key]}
          {...actions}
        />
      ))}
    </section>
  );
}

export function Settings(props: SettingsModel & Actions & Models) {
  const { groups, path, problem, ready, heard, ...rest } = props;
  return (
    <section class="pl-view pl-settings" aria-label="Settings">
      {problem && <Problem error={problem} />}
      {heard === false && (
        <div class="pl-notice">Changes take effect when the running cell ends.</div>
      )}
      {!ready && (
        <div class="pl-quiet" role="status">
          Asking the kernel…
        </div>
      )}
      {groups.map((group) => (
        <Group key={group.name} group={group} {...rest} />
      ))}
      {path && <div class="pl-quiet pl-settings-path">Stored in {path}</div>}
    </section>
  );
}
