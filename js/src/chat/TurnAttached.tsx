import { useEffect, useState } from "preact/hooks";
import type { TurnData } from "../protocol";
import { Icon } from "../ui/icons";
import type { Actions } from "./actions";

interface Props {
  turn: TurnData;
  actions: Pick<Actions, "turnPictures">;
}

/** What was sent with a question; its images come once they are wanted. */
export function TurnAttached({ turn, actions }: Props) {
  const images = turn.attachments.filter(({ kind }) => kind === "image").length;
  const documents = turn.attachments.filter(({ kind }) => kind === "document");
  const [urls, setUrls] = useState<readonly (string | null)[] | null>(null);
  const [asked, setAsked] = useState(false);
  useEffect(
    () => () => {
      for (const url of urls ?? []) if (url) URL.revokeObjectURL(url);
    },
    [urls],
  );
  if (turn.attachments.length === 0) return null;
  const words = images === 1 ? "an image" : `${images} images`;
  const show = async () => {
    setAsked(true);
    setUrls(await actions.turnPictures(turn.id).catch(() => []));
  };
  return (
    <div class="pl-sent-with">
      {images > 0 && !urls && (
        <button type="button" class="pl-sent-one" disabled={asked} onClick={show}>
          <Icon name="image" />
          <span>with {words}</span>
        </button>
      )}
      {urls && (
        <span class="pl-sent-pictures">
          {urls.map((url, index) =>
            url ? <img key={index} src={url} alt={`Attachment ${index + 1}`} /> : null,
          )}
          {urls.every((url) => !url) && <span class="pl-quiet">with {words}</span>}
        </span>
      )}
      {documents.map(({ name }, index) => (
        <span class="pl-sent-one" key={index} title={name}>
          <Icon name="file" />
          <span class="pl-sent-name">{name}</span>
        </span>
      ))}
    </div>
  );
}
