import type { SlashData } from "../protocol";
import { Drawer } from "../ui/Drawer";
import { usage } from "./slash-text";

interface Props {
  commands: readonly SlashData[];
  /** The command that was asked about; "" for all, null for closed. */
  about: string | null;
  onClose: () => void;
}

/** All slash commands. */
export function SlashHelp({ commands, about, onClose }: Props) {
  const shown = commands.filter(
    ({ group, name }) => group && (!about || name === about),
  );
  const groups = [...new Set(shown.map(({ group }) => group))];
  return (
    <Drawer title="Commands" open={about !== null} onClose={onClose}>
      <div class="pl-slash-help">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {shown
                .filter((each) => each.group === group)
                .map((each) => (
                  <li key={each.name} class="pl-slash-help-one">
                    <code>{usage(each)}</code>
                    <div>
                      {each.help}
                      {each.aliases.length > 0 && (
                        <span class="pl-quiet">
                          {" "}
                          Also {each.aliases.map((alias) => `/${alias}`).join(", ")}.
                        </span>
                      )}
                    </div>
                  </li>
                ))}
            </ul>
          </section>
        ))}
        <p class="pl-quiet">
          Two slashes offer prompts alone. Any other text that begins with a slash is
          sent as it is, and so is a command after a space.
        </p>
      </div>
    </Drawer>
  );
}
