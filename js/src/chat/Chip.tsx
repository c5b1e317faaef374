import { useEffect, useRef, useState } from "preact/hooks";
import type { PartLink } from "../connection";
import type { ChosenPrompt } from "../protocol";
import { UnlockVault } from "../ui/AddKey";
import { Button, IconButton } from "../ui/Button";
import { Field } from "../ui/Field";
import { Icon } from "../ui/icons";
import type { Filling } from "./prompt-values";

interface Props {
  prompt: ChosenPrompt;
  filling: Filling;
  link: PartLink;
  onRemove: () => void;
}

/** The prompt that asks next, and the variables that it needs. */
export function Chip({ prompt, filling, link, onRemove }: Props) {
  const { name, version, variables, locked } = prompt;
  const description = locked ? "It is encrypted, and locked." : prompt.description;
  const [all, setAll] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { lacking, values } = filling;
  const first = [...lacking][0];
  useEffect(() => {
    if (first !== undefined)
      box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [first]);
  const given = (at: string) => at in prompt.values;
  const needed = variables.filter((each) => each.default == null || given(each.name));
  const rest = variables.length - needed.length;
  const fields = all ? variables : needed;
  return (
    <div class="pl-chosen" ref={box}>
      <div class="pl-chosen-head">
        <Icon name={locked ? "lock" : "book"} />
        <span class="pl-chosen-name">
          prompt {name} v{version}
        </span>
        <span class="pl-quiet pl-chosen-about">{description}</span>
        {locked && <UnlockVault link={link} onUnlocked={() => {}} />}
        <IconButton icon="close" label={`Ask without ${name}`} onClick={onRemove} />
      </div>
      {fields.length > 0 && (
        <div class="pl-chosen-fields">
          {fields.map((each) => (
            <Field
              key={each.name}
              label={each.name}
              value={values[each.name] ?? ""}
              placeholder={each.default ?? ""}
              required={each.default == null}
              hint={each.description || undefined}
              error={lacking.has(each.name) ? "Needs a value." : undefined}
              onInput={(value) => filling.set(each.name, value)}
            />
          ))}
        </div>
      )}
      {rest > 0 && !all && (
        <Button
          label={`${rest} more with ${rest === 1 ? "a default" : "defaults"}`}
          size="small"
          kind="quiet"
          onClick={() => setAll(true)}
        />
      )}
    </div>
  );
}
