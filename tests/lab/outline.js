// What a reader has of a text: its blocks, words, links and formulas, and the direction
// of each, without what only dresses them. `window.outline(element)` gives it as lines.
{
  const DRESS =
    ".pl-code-bar, .pl-hidden, .jp-InternalAnchorLink, mjx-assistive-mml";
  const BLOCKS = new Set(
    "h1 h2 h3 h4 h5 h6 p ul ol li blockquote pre table tr th td hr".split(" "),
  );
  const INLINE = new Set("strong em del code a br img input".split(" "));
  const EMPTY = new Set(["br", "hr", "img", "input"]);
  const SAME = { b: "strong", i: "em", s: "del" };
  // Their own direction says on which side marks, columns and code stand.
  const SIDED = new Set(["ul", "ol", "table", "pre", "code"]);

  const direction = (element) => getComputedStyle(element).direction;
  // In the cells of tables `|` is written as its command.
  const tex = (source) =>
    source.replace(/\\vert\b ?/g, "|").replace(/\s+/g, "");
  const formula = (source, display) => `formula ${display ? "block " : ""}${tex(source)}`;

  function label(tag, element) {
    let text = tag;
    if (tag === "ol" && element.start !== 1) text += ` from ${element.start}`;
    if (tag === "a") text += ` ${decodeURIComponent(element.href)} ${element.title}`;
    if (tag === "img") text += ` ${element.getAttribute("src")} ${element.alt}`;
    if (tag === "input" && element.checked) text += " checked";
    if (tag === "th" || tag === "td") text += ` ${element.getAttribute("align") ?? ""}`;
    if (element.matches(".pl-tex")) text = "formula that is not set";
    if (SIDED.has(tag)) text += direction(element) === "rtl" ? " rtl" : "";
    return text.trim();
  }

  function collect(node, code, found) {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) {
        const blocks = [...node.children].some(
          ({ localName }) => BLOCKS.has(localName) || localName === "div",
        );
        if (!blocks || code || child.data.trim()) addText(child.data, node, code, found);
        continue;
      }
      if (child.nodeType !== Node.ELEMENT_NODE || child.matches(DRESS)) continue;
      const tag = SAME[child.localName] ?? child.localName;
      // A link to a file beside the notebook leads there in the notebook only.
      const away = tag !== "a" || (child.host && child.host !== location.host);
      if (child.dataset.tex !== undefined) {
        found.push(formula(child.dataset.tex, child.dataset.display === "true"));
      } else if (tag === "math") {
        const display = child.getAttribute("display") === "block";
        found.push(formula(child.querySelector("annotation").textContent, display));
      } else if (!away || (!BLOCKS.has(tag) && !INLINE.has(tag))) {
        collect(child, code, found);
      } else {
        found.push(`<${label(tag, child)}>`);
        collect(child, code || tag === "pre", found);
        if (!EMPTY.has(tag)) found.push(`</${tag}>`);
      }
    }
  }

  function addText(data, node, code, found) {
    const text = code ? data : data.replace(/[ \t\r\n]+/g, " ");
    const way = direction(node);
    const last = found.at(-1);
    if (last?.text !== undefined && last.way === way && last.code === code) {
      last.text += text;
    } else if (text) found.push({ text, way, code });
  }

  /** Whether white space beside a part of the outline is not seen. */
  const isEdge = (part) =>
    part === undefined ||
    (typeof part === "string" &&
      (/^<\/?(?:h\d|p|ul|ol|li|blockquote|pre|table|tr|th|td|hr|br|input)\b/.test(part) ||
        part.startsWith("formula block")));

  window.outline = (root) => {
    const found = [];
    collect(root, false, found);
    const lines = [];
    for (const [index, part] of found.entries()) {
      if (typeof part === "string") {
        lines.push(part);
        continue;
      }
      let { text } = part;
      if (part.code) text = text.replace(/\n$/, "");
      else {
        if (isEdge(found[index - 1])) text = text.trimStart();
        if (isEdge(found[index + 1])) text = text.trimEnd();
      }
      if (text) lines.push(`${part.way === "rtl" ? "rtl " : ""}${JSON.stringify(text)}`);
    }
    // To JupyterLab a formula on its own is a paragraph.
    for (let at = 0; at + 2 < lines.length; at++) {
      const [before, line, after] = lines.slice(at, at + 3);
      if (before === "<p>" && line.startsWith("formula block") && after === "</p>") {
        lines.splice(at, 3, line);
      }
    }
    return lines;
  };
}
