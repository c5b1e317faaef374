// A widget whose kernel is a real one: what the page sends goes to it, and what it sends
// comes from it, as `live_kernel.py` passes it on.
const encoded = (buffer) => {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

const decoded = (text) =>
  new DataView(Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer);

class LiveWidget extends window.Widget {
  constructor(options) {
    super(options);
    this.model.send = (message, _, buffers = []) => {
      this.requests.push(structuredClone(message));
      void window.kernel_says(message, buffers.map(encoded));
    };
  }

  async listen() {
    while (!this.over) {
      for (const [message, buffers] of await window.kernel_told())
        this.hear(message, buffers.map(decoded));
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

window.openLive = async ({ width, height, ...options }) => {
  const widget = new LiveWidget(options);
  void widget.listen();
  await widget.open();
  const el = await widget.show(width);
  if (height) el.style.setProperty("--pl-chat-height", height);
  window.widgets.push(widget);
  return window.widgets.length - 1;
};
