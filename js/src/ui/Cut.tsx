import { Banner } from "./Banner";

interface Props {
  /** The kernel of the view has ended. */
  lost: boolean;
  /** Whether the kernel gets this page's messages; null while that is not known. */
  heard: boolean | null;
  /** What remains, and how to open the view again. */
  afterwards: string;
  /** What holds while the kernel is busy. */
  meanwhile: string;
}

/** Why nothing can be done in a view at the moment; nothing if something can. */
export function Cut({ lost, heard, afterwards, meanwhile }: Props) {
  if (lost)
    return (
      <Banner
        kind="warning"
        message="The kernel of this view has ended."
        hint={afterwards}
      />
    );
  if (heard === false)
    return (
      <Banner
        message="The kernel is busy: this view answers when the running cell ends."
        hint={meanwhile}
      />
    );
  return null;
}
