import { useEffect, useState } from "preact/hooks";
import { Button, Empty, Field, Problem, rank } from "../kit";
import { Provider, type ProviderActions } from "./Provider";
import type { ProvidersModel } from "./reducer";
import { askable, standing } from "./words";

/** Milliseconds between two updates of "3 minutes ago". */
const SELDOM = 20_000;

/** The page's clock in seconds, updated now and then. */
function useClock(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), SELDOM);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Providers(props: ProvidersModel & ProviderActions) {
  const { providers, asking, ahead, ready, heard, problem, unasked, test } = props;
  const [filter, setFilter] = useState("");
  const clock = useClock();
  const found = rank(
    filter,
    providers.map(
      (each) => [each, `${each.title} ${each.name}`.toLowerCase()] as const,
    ),
  );
  const able = providers.filter(askable).map(({ name }) => name);
  const on = providers.filter(({ enabled }) => enabled).length;
  const good = providers.filter((each) => standing(each, false).tone === "good").length;
  return (
    <section class="pl-view pl-providers" aria-label="Providers">
      {problem && <Problem error={problem} />}
      {heard === false && (
        <div class="pl-notice">Changes take effect when the running cell ends.</div>
      )}
      {!ready && (
        <div class="pl-quiet" role="status">
          Asking the kernel…
        </div>
      )}
      {ready && (
        <div class="pl-providers-head">
          <Field
            kind="search"
            label="Filter providers"
            hideLabel
            placeholder="Filter providers"
            value={filter}
            onInput={setFilter}
          />
          <Button
            label="Test all"
            icon="retry"
            title="Test all enabled providers at once"
            busy={asking.length > 1}
            disabled={able.length === 0}
            onClick={() => test(able)}
          />
          <span class="pl-quiet">
            {on} of {providers.length} on, {good} ready
          </span>
        </div>
      )}
      {unasked && <Problem error={unasked} />}
      {ready && found.length === 0 && (
        <Empty title="No provider matches." icon="search">
          <Button label="Show all" size="small" onClick={() => setFilter("")} />
        </Empty>
      )}
      <ul class="pl-providers-list" aria-label="Providers">
        {found.map((provider) => (
          <Provider
            key={provider.name}
            {...props}
            provider={provider}
            now={clock + ahead}
          />
        ))}
      </ul>
    </section>
  );
}
