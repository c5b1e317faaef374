import type { PartLink } from "../connection";
import { AddKey, Banner, Button, Disclosure, Problem, Switch } from "../kit";
import type { ProviderData } from "../protocol";
import type { Actions } from "../settings/actions";
import { isChanged } from "../settings/reducer";
import { Setting } from "../settings/Setting";
import { duration } from "../ui/amounts";
import type { ProvidersModel } from "./reducer";
import { ago, askable, counted, isDown, plain, sourced, standing } from "./words";

export interface ProviderActions extends Actions {
  /** Tests providers by asking them for their models. */
  test: (names: string[]) => void;
  /** Asks what every view can be asked. */
  link: PartLink;
}

interface Props
  extends ProviderActions,
    Pick<ProvidersModel, "errors" | "asking" | "took" | "keysBelong" | "locked"> {
  provider: ProviderData;
  /** The kernel's time, in seconds since 1970. */
  now: number;
}

/** Models, address and key, and where they come from. */
function Facts({ provider, now, keysBelong }: Props) {
  const { name, address, key, key_names, keys_url, models, listed } = provider;
  const { lacks } = provider;
  // For a missing key the names are shown below.
  const found = lacks.some(({ url }) => url) || key.includes(", from ");
  const source = sourced(provider);
  return (
    <dl class="pl-provider-facts">
      <dt>Models</dt>
      <dd>
        {listed == null
          ? "Not listed yet"
          : `${counted(models)}, listed ${ago(now - listed)}`}
        , named <code>{name}/MODEL</code>
      </dd>
      {address && (
        <>
          <dt>Address</dt>
          <dd>
            <code>{address}</code>
            {source && `, ${source}`}
          </dd>
        </>
      )}
      <dt>Key</dt>
      <dd>
        {key}
        {key_names.length > 0 && (
          <div class="pl-quiet">
            {!found && `It is looked for as ${key_names.join(" or ")}. `}
            {keysBelong}
            {keys_url && (
              <>
                {" "}
                <a
                  href={keys_url}
                  target="_blank"
                  rel="noopener noreferrer"
                  aria-label={`Get a key of ${provider.title}`}
                >
                  Get a key
                </a>
              </>
            )}
          </div>
        )}
      </dd>
    </dl>
  );
}

/** What is missing or failed, and what helps. */
function Trouble({ provider }: Pick<Props, "provider">) {
  const { lacks, failure, models } = provider;
  const hint = plain(failure?.hint);
  return (
    <>
      {lacks.map(({ what, remedy, command }) => (
        <Banner
          key={what}
          kind="warning"
          message={`${what.charAt(0).toUpperCase()}${what.slice(1)}.`}
          hint={command ? `Run ${command}` : plain(remedy)}
        />
      ))}
      {failure && isDown(provider) && (
        <Banner kind="info" message="It is not running." hint={hint} />
      )}
      {failure && !isDown(provider) && (
        <Banner
          kind={models ? "warning" : "error"}
          message={`${models ? "Its list is stale: " : ""}${plain(failure.message)}`}
          hint={hint}
        />
      )}
    </>
  );
}

/** The connection test and its result. */
function Test({ provider, asking, took, test }: Props) {
  const { name, title, failure, settings } = provider;
  const busy = asking.includes(name);
  const seconds = took[name];
  const reached = settings.some(({ key }) => key.endsWith(".base_url"));
  const label = reached ? "Test connection" : "Refresh models";
  return (
    <div class="pl-provider-test">
      <Button
        label={label}
        title={`${label}: ${title}`}
        icon="retry"
        size="small"
        busy={busy}
        disabled={!askable(provider)}
        onClick={() => test([name])}
      />
      <span class="pl-quiet" role="status">
        {busy && "Asking for its models…"}
        {!busy && seconds !== undefined && !failure && (
          <>Answered {seconds < 1 ? "at once" : `in ${duration(seconds)}`}.</>
        )}
        {!busy && seconds !== undefined && failure && "The test failed."}
      </span>
    </div>
  );
}

function Settings({ provider, errors, set, forgive }: Props) {
  const { settings } = provider;
  const isAddress = ({ key }: { key: string }) => key.endsWith(".base_url");
  const rest = settings.filter((setting) => !isAddress(setting));
  const changed = rest.filter(isChanged).length;
  const field = (setting: (typeof settings)[number]) => (
    <Setting
      key={setting.key}
      setting={setting}
      error={errors[setting.key]}
      set={set}
      forgive={forgive}
    />
  );
  return (
    <>
      {settings.filter(isAddress).map(field)}
      <Disclosure
        label="Timeouts and list"
        {...(changed ? { note: `${changed} changed` } : {})}
      >
        {rest.map(field)}
      </Disclosure>
    </>
  );
}

/** One provider: its switch and status, and its details in a disclosure. */
export function Provider(props: Props) {
  const { provider, asking, errors, set, test, link, locked } = props;
  const { name, title, enabled, missing_key } = provider;
  const { tone, words } = standing(provider, asking.includes(name));
  const key = `providers.${name}.enabled`;
  const error = errors[key];
  return (
    <li class={`pl-provider pl-provider-${tone}${locked ? " pl-provider-locked" : ""}`}>
      <Switch
        label={`Use ${title}`}
        on={enabled}
        onChange={(on) => set(key, on ? null : false)}
      />
      <Disclosure label={title} note={words}>
        <Facts {...props} />
        <Trouble provider={provider} />
        <Test {...props} />
        <Settings {...props} />
      </Disclosure>
      {enabled && missing_key && (
        <AddKey
          name={missing_key}
          title={title}
          link={link}
          locked={locked}
          onAdded={() => test([name])}
        />
      )}
      {error && <Problem error={error} />}
    </li>
  );
}
