import { Button } from "../kit";
import type { RecommendedData } from "../protocol";
import { bytes } from "../ui/amounts";
import type { Actions } from "./actions";
import { whole } from "./finding";
import { usePull } from "./pulling";

interface Props {
  models: readonly RecommendedData[];
  there: ReadonlySet<string>;
  can: Actions;
  disabled: boolean;
}

/** What Ollama itself recommends. */
export function Recommended({ models, there, can, disabled }: Props) {
  const pull = usePull(can);
  return (
    <section class="pl-recommended" aria-label="Recommended by Ollama">
      <span class="pl-label">Recommended by Ollama</span>
      <ul>
        {models.map(({ name, description, memory, plan }) => {
          const has = there.has(whole(name));
          const facts = [
            memory && `${bytes(memory)} of graphics memory`,
            plan && `needs the plan ${plan}`,
          ].filter(Boolean);
          return (
            <li key={name}>
              <span class="pl-recommended-name">{name}</span>
              <span class="pl-quiet">{description}</span>
              {facts.length > 0 && <span class="pl-quiet">{facts.join(" · ")}</span>}
              <Button
                label={has ? "Installed" : "Pull"}
                icon={has ? "check" : "download"}
                size="small"
                title={has ? `${name} is installed` : `Pull ${name}`}
                disabled={disabled || has}
                onClick={() => pull(name)}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
