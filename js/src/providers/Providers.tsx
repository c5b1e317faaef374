import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Empty, Field, Problem, rank } from "../kit";
import type { ProviderData } from "../protocol";
import { Provider, type ProviderActions } from "./Provider";
import type { ProvidersModel } from "./reducer";
import { askable, rankOf, standing } from "./words";

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

/** The providers in order, which stays as it is while it is `held`. */
function useOrder(
  providers: readonly ProviderData[],
  held: boolean,
): readonly ProviderData[] {
  const last = useRef<readonly string[]>([]);
  const byName = new Map(providers.map((each) => [each.name, each]));
  if (!held || last.current.length !== providers.length) {
    last.current = providers
      .toSorted((a, b) => rankOf(a) - rankOf(b))
      .map(({ name }) => name);
  }
  return last.current.flatMap((name) => byName.get(name) ?? []);
}

export function Providers(props: ProvidersModel & ProviderActions) {
  const { providers, asking, ahead, ready, heard, problem, unasked, test } = props;
  const [filter, setFilter] = useState("");
  const clock = useClock();
  const list = useRef<HTMLUListElement>(null);
  // A row does not move away from a hand; it does when the clock is next updated.
  const held = list.current?.matches(":hover, :focus-within") ?? false;
  const found = rank(
    filter,
    useOrder(providers, held).map(
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
      <ul class="pl-providers-list" aria-label="Providers" ref={list}>
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
