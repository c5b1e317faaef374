import { Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { shown } from "../bridge";
import { CopyButton } from "../chat/buttons";
import type { PartLink } from "../connection";
import type { Failure, SentData, SentFact, SentMessage } from "../protocol";
import { bytes } from "../ui/amounts";
import { Banner } from "../ui/Banner";
import { IconButton } from "../ui/Button";
import { Disclosure } from "../ui/Disclosure";
import { Dots } from "../ui/Dots";
import { Failed } from "../ui/Failed";
import { scrolling } from "../ui/scrolling";

interface Props {
  /** Asks the kernel what would be sent. */
  load: (signal: AbortSignal) => Promise<SentData>;
  /** What it depends on: when that has changed, the kernel is asked again. */
  of: string;
  link: PartLink;
}

/** Milliseconds without a change until the kernel is asked again. */
const PAUSE = 400;

/** What would be sent, asked for while this is shown, and never after. */
export function Sent({ load, of, link }: Props) {
  const [sent, setSent] = useState<SentData | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(true);
  const [times, setTimes] = useState(0);
  const first = useRef(true);
  useEffect(() => {
    const ending = new AbortController();
    const ask = async () => {
      setBusy(true);
      try {
        setSent(await load(ending.signal));
        setProblem(null);
      } catch (error) {
        if (ending.signal.aborted) return;
        setSent(null);
        setProblem(shown(error as Error));
      }
      if (!ending.signal.aborted) setBusy(false);
    };
    const timer = setTimeout(ask, first.current ? 0 : PAUSE);
    first.current = false;
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [of, times]);
  return (
    <div class="pl-sent" aria-busy={busy}>
      <div class="pl-sent-head">
        <span class="pl-sent-tokens" role="status">
          {sent && `${sent.tokens} tokens to ${sent.host || sent.model}`}
        </span>
        {busy && <Dots />}
        <IconButton
          label="Refresh what is sent"
          icon="retry"
          onClick={() => setTimes(times + 1)}
        />
      </div>
      {problem && (
        <Failed error={problem} link={link} onUnlocked={() => setTimes(times + 1)} />
      )}
      {sent && <Parts sent={sent} />}
    </div>
  );
}

function Parts({ sent }: { sent: SentData }) {
  const { facts, warnings = [], messages, skipped = 0, headers = [], body } = sent;
  return (
    <>
      {warnings.map((warning) => (
        <Banner key={warning} kind="warning" message={warning} />
      ))}
      <Facts facts={facts} />
      <Disclosure label="Messages" note={`${messages.length + skipped}`} open>
        <ol class="pl-sent-messages">
          {messages.map((message, at) => (
            <Fragment key={message.number}>
              {at === 1 && skipped > 0 && (
                <li class="pl-quiet">{skipped} more, which are in the body</li>
              )}
              <Message message={message} />
            </Fragment>
          ))}
        </ol>
      </Disclosure>
      {headers.length > 0 && (
        <Disclosure label="Headers" note={`${headers.length}`}>
          <pre class="pl-sent-text" {...scrolling("Headers")}>
            {headers.map(({ name, value }) => `${name}: ${value}`).join("\n")}
          </pre>
        </Disclosure>
      )}
      <Disclosure label="Body" note={bytes(sent.size)}>
        <div class="pl-sent-note">
          <span class="pl-quiet">
            {sent.exact
              ? "These bytes are sent, here indented and without keys and images."
              : "As far as it is known."}
          </span>
          <CopyButton label="Copy the body as it is shown" text={() => body} />
        </div>
        <pre class="pl-sent-text" {...scrolling("Body")}>
          {body}
        </pre>
      </Disclosure>
    </>
  );
}

function Facts({ facts }: { facts: readonly SentFact[] }) {
  return (
    <dl class="pl-sent-facts">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Message({ message }: { message: SentMessage }) {
  const { number, role, text, attached = [] } = message;
  return (
    <li class="pl-sent-message">
      <div class="pl-quiet">
        {number}. {role}
      </div>
      {attached.map((line) => (
        <div key={line} class="pl-sent-attached">
          {line}
        </div>
      ))}
      {text ? (
        <pre
          class="pl-sent-text"
          dir="auto"
          {...scrolling(`Message ${number}, ${role}`)}
        >
          {text}
        </pre>
      ) : (
        attached.length === 0 && <div class="pl-quiet">No text yet.</div>
      )}
    </li>
  );
}
