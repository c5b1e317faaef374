// What `/` offers in the composer: commands, what their arguments may be, and prompts.
import type { RefObject } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type {
  CommandOption,
  PromptChoice,
  PromptChoices,
  SlashData,
} from "../protocol";
import type { IconName } from "../ui/icons";
import type { Actions } from "./actions";
import { matches } from "./prompt-names";
import type { Offer, Suggestion } from "./Suggestions";
import { commandsLike, runsAlone, slashed, usage } from "./slash-text";

/** Milliseconds after the last key until the kernel is asked. */
const PAUSE = 100;

export interface Slash {
  offer: Offer | null;
  /** The command whose argument is being typed. */
  command: SlashData | null;
  commands: readonly SlashData[];
}

interface Uses {
  actions: Actions;
  box: RefObject<HTMLTextAreaElement | null>;
  /** A prompt was taken. */
  onPrompt: (name: string) => void;
  /** Runs the command that the field holds. */
  onRun: () => void;
}

/** Puts a text into a field as if it had been typed. */
export function type(box: RefObject<HTMLTextAreaElement | null>, text: string): void {
  const field = box.current;
  if (!field) return;
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  field.focus();
}

export function useSlash(text: string, { actions, box, onPrompt, onRun }: Uses): Slash {
  const begins = text.startsWith("/") && !text.includes("\n");
  const commands = useCommands(actions, begins);
  const typed = useMemo(
    () => (begins ? slashed(text, commands) : null),
    [begins, text, commands],
  );
  const command = typed?.kind === "argument" ? typed.command : null;
  const argument = typed?.kind === "argument" ? typed.argument : "";
  const name = typed?.kind === "argument" ? typed.name : "";
  const options = useOptions(actions, command, argument);
  const naming = typed !== null && typed.kind !== "argument";
  const query = naming ? typed.query : null;
  const prompts = usePrompts(actions, query);

  const offer = useMemo((): Offer | null => {
    if (!typed) return null;
    if (typed.kind === "argument") {
      const found = options
        .filter(({ value }) => value !== argument.trim())
        .map((each) => ({
          key: each.value,
          name: each.value,
          about: each.about,
          sure: false,
          take: () => {
            const on = each.open && !/[/"']$/.test(each.value) ? " " : "";
            type(box, `/${name} ${each.value}${on}`);
          },
        }));
      return {
        topic: `/${typed.command.name}`,
        query: argument,
        found,
        label: `${usage(typed.command)}`,
        noun: ["choice", "choices"],
      };
    }
    const rows = typed.kind === "name" ? commandRows(typed.query, commands) : [];
    const chosen = prompts.map(promptRow);
    // A prompt of this name comes before commands that are only like it.
    const found =
      typed.query && !rows[0]?.sure && chosen[0]?.sure
        ? [...chosen, ...headed("Commands", rows)]
        : [...rows, ...(rows.length ? headed("Prompts", chosen) : chosen)];
    return {
      topic: typed.kind,
      query: typed.query,
      found,
      label: rows.length ? "Commands and prompts" : "Prompts",
      noun: rows.length ? ["choice", "choices"] : ["prompt", "prompts"],
    };
  }, [typed, options, prompts, commands]);

  function commandRows(query: string, commands: readonly SlashData[]): Suggestion[] {
    return commandsLike(query, commands).map(({ command, sure }) => ({
      key: `/${command.name}`,
      name: usage(command),
      about: command.help,
      sure: sure && query !== "",
      complete: command.name === query.toLowerCase() && runsAlone(command),
      take: (by) => {
        type(box, command.arguments ? `/${command.name} ` : `/${command.name}`);
        if (!command.arguments && by !== "Tab") onRun();
      },
    }));
  }

  function promptRow(each: PromptChoice & { plain: boolean }): Suggestion {
    const icons: IconName[] = each.favourite ? ["starred"] : [];
    return {
      key: `prompt ${each.name}`,
      name: each.name,
      about: each.description,
      icons: each.encrypted ? [...icons, "lock"] : icons,
      sure: each.plain,
      take: () => {
        type(box, "");
        onPrompt(each.name);
        actions.choosePrompt(each.name);
      },
    };
  }

  return { offer, command, commands };
}

const headed = (heading: string, [first, ...others]: Suggestion[]): Suggestion[] =>
  first ? [{ ...first, heading }, ...others] : [];

/** All commands, asked for with the first slash. */
function useCommands(actions: Actions, wanted: boolean): readonly SlashData[] {
  const [commands, setCommands] = useState<readonly SlashData[]>([]);
  useEffect(() => {
    if (wanted && commands.length === 0)
      actions
        .commands()
        .then(setCommands)
        .catch(() => {});
  }, [wanted]);
  return commands;
}

/** What the argument of a command may be. */
function useOptions(
  actions: Actions,
  command: SlashData | null,
  argument: string,
): readonly CommandOption[] {
  const [options, setOptions] = useState<readonly CommandOption[]>([]);
  const name = command?.offers ? command.name : null;
  useEffect(() => {
    setOptions([]);
    if (name === null) return;
    let ended = false;
    const timer = setTimeout(() => {
      actions
        .complete(name, argument)
        .then((found) => !ended && setOptions(found))
        .catch(() => {});
    }, PAUSE);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [name, argument]);
  return options;
}

/** The prompts that a query means; null is no query. */
function usePrompts(actions: Actions, query: string | null) {
  const [all, setAll] = useState<PromptChoices | null>(null);
  const [more, setMore] = useState<readonly PromptChoice[]>([]);
  const looking = query !== null;
  useEffect(() => {
    if (!looking) return;
    let ended = false;
    actions
      .prompts("")
      .then((found) => !ended && setAll(found))
      .catch(() => {});
    return () => {
      ended = true;
    };
  }, [looking]);
  // A library with more prompts than come at once is searched by the kernel.
  const partial = all !== null && all.total > all.prompts.length;
  useEffect(() => {
    setMore([]);
    if (!looking || !partial || !query?.trim()) return;
    let ended = false;
    const timer = setTimeout(() => {
      actions
        .prompts(query)
        .then(({ prompts }) => !ended && setMore(prompts))
        .catch(() => {});
    }, PAUSE);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [looking, partial, query]);
  return useMemo(() => {
    if (!looking || !all) return [];
    const names = new Set(all.prompts.map(({ name }) => name));
    const joined = [...all.prompts, ...more.filter(({ name }) => !names.has(name))];
    return matches(query ?? "", joined);
  }, [looking, all, more, query]);
}
