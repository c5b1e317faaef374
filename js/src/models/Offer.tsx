import { useState } from "preact/hooks";
import { Icon } from "../kit";
import type { LibraryModelData } from "../protocol";
import type { Actions } from "./actions";
import { pulls, sized } from "./finding";
import { usePull } from "./pulling";
import { Tags } from "./Tags";

interface Props {
  offer: LibraryModelData;
  /** The names that are installed. */
  there: ReadonlySet<string>;
  can: Actions;
  disabled: boolean;
}

const tagged = (tags: number) => `${tags} tag${tags === 1 ? "" : "s"}`;

/** One model of the library; its sizes are pulled with a click, its tags unfold. */
export function Offer({ offer, there, can, disabled }: Props) {
  const { name, description, capabilities, sizes, tags, updated, url } = offer;
  const [open, setOpen] = useState(false);
  const pull = usePull(can);
  const facts = [
    offer.pulls != null && `${pulls(offer.pulls)} pulls`,
    updated && `updated ${updated}`,
  ].filter(Boolean);
  const offered = sizes.length ? sizes : ["latest"];
  return (
    <li class={open ? "pl-offer pl-offer-open" : "pl-offer"}>
      <div class="pl-offer-head">
        <button
          type="button"
          class="pl-offer-title"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name="chevron" class="pl-disclosure-mark" />
          <span class="pl-offer-name">{name}</span>
          {tags != null && <span class="pl-quiet">{tagged(tags)}</span>}
        </button>
        <span class="pl-quiet pl-offer-facts">{facts.join(" · ")}</span>
        {url && (
          <a
            class="pl-offer-link"
            href={url}
            target="_blank"
            rel="noopener noreferrer"
            aria-label={`${name} on its page`}
          >
            page
          </a>
        )}
      </div>
      {description && <div class="pl-offer-words">{description}</div>}
      <div class="pl-offer-foot">
        {offered.map((size) => {
          const each = sized(name, size);
          const has = there.has(each);
          const label = has ? `Pull ${each} again: it is installed` : `Pull ${each}`;
          return (
            <button
              key={size}
              type="button"
              class={has ? "pl-size pl-size-there" : "pl-size"}
              aria-label={label}
              title={label}
              aria-disabled={disabled || undefined}
              onClick={() => !disabled && pull(sizes.length ? each : name)}
            >
              <Icon name={has ? "check" : "download"} />
              {size}
            </button>
          );
        })}
        {capabilities.map((each) => (
          <span key={each} class="pl-badge">
            {each}
          </span>
        ))}
      </div>
      {open && <Tags name={name} {...{ there, can, disabled }} />}
    </li>
  );
}
