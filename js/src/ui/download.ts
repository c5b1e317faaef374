/** Gives the browser a file. */
export function download(name: string, content: DataView): void {
  const url = URL.createObjectURL(new Blob([content as DataView<ArrayBuffer>]));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
