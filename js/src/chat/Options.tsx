import { useEffect, useState } from "preact/hooks";
import type { ChatOptions } from "../protocol";
import { Button } from "../ui/Button";
import { Drawer } from "../ui/Drawer";
import { Field } from "../ui/Field";
import type { Actions } from "./actions";

interface Props {
  options: ChatOptions;
  open: boolean;
  actions: Actions;
  onClose: () => void;
}

const NUMBERS = [
  {
    name: "temperature",
    label: "Temperature",
    hint: "0 to 2; higher is more varied.",
    least: 0,
    most: 2,
  },
  { name: "max_tokens", label: "Longest answer, in tokens", least: 1, whole: true },
  { name: "top_p", label: "Top p", hint: "0 to 1.", least: 0, most: 1 },
  {
    name: "seed",
    label: "Seed",
    hint: "The same seed gives the same answer, if the provider supports it.",
    whole: true,
  },
] as const;

type Texts = Record<string, string>;

const textsOf = (options: ChatOptions): Texts => ({
  system: options.system ?? "",
  ...Object.fromEntries(NUMBERS.map(({ name }) => [name, `${options[name] ?? ""}`])),
});

/** What is wrong with a typed number; undefined if nothing is. */
export function wrong(
  text: string,
  { least, most, whole }: { least?: number; most?: number; whole?: boolean },
): string | undefined {
  if (!text.trim()) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return "Enter a number.";
  if (whole && !Number.isInteger(value)) return "Enter a whole number.";
  if (least !== undefined && value < least) return `At least ${least}.`;
  if (most !== undefined && value > most) return `At most ${most}.`;
  return undefined;
}

/** The conversation's options; an empty one is the provider's default. */
export function Options({ options, open, actions, onClose }: Props) {
  const [texts, setTexts] = useState<Texts>(() => textsOf(options));
  useEffect(() => setTexts(textsOf(options)), [options, open]);
  const set = (name: string) => (value: string) =>
    setTexts((old) => ({ ...old, [name]: value }));
  const errors = NUMBERS.map((each) => wrong(texts[each.name] ?? "", each));
  const apply = () => {
    const numbers = NUMBERS.flatMap(({ name }) => {
      const text = texts[name]?.trim();
      return text ? [[name, Number(text)]] : [];
    });
    const system = texts.system?.trim() ? { system: texts.system } : {};
    actions.setOptions({ ...system, ...Object.fromEntries(numbers) });
    onClose();
  };
  return (
    <Drawer title="Instructions and options" open={open} onClose={onClose}>
      <div class="pl-options">
        <Field
          label="Instructions"
          hint="A system prompt: how the model should answer here."
          kind="area"
          value={texts.system ?? ""}
          onInput={set("system")}
        />
        {NUMBERS.map((each, index) => (
          <Field
            key={each.name}
            label={each.label}
            hint={"hint" in each ? each.hint : undefined}
            placeholder="default"
            value={texts[each.name] ?? ""}
            error={errors[index]}
            onInput={set(each.name)}
          />
        ))}
        <div class="pl-actions">
          <Button label="Cancel" onClick={onClose} />
          <Button
            label="Apply"
            kind="primary"
            disabled={errors.some(Boolean)}
            onClick={apply}
          />
        </div>
      </div>
    </Drawer>
  );
}
