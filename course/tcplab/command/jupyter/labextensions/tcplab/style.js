// How the labs' text is set, in JupyterLab and Notebook 7: an extension that is nothing but style.

const RULES = `
  /* What a check says is sentences: JupyterLab breaks lines of output anywhere, also inside a word. */
  .jp-OutputArea-output.jp-RenderedText pre { word-break: normal; overflow-wrap: anywhere; }

  /* A hint stands apart from its summary when it is open, and from the text below it also when it is folded. */
  .jp-RenderedHTMLCommon.jp-RenderedMarkdown details { margin-bottom: 1em; }
  .jp-RenderedMarkdown details[open] > summary { margin-bottom: 0.5em; }
`;

function set() {
  const sheet = document.createElement("style");
  sheet.textContent = RULES;
  document.head.append(sheet);
  return {};
}

// The form in which JupyterLab takes what was built apart from it (webpack's module federation).
(globalThis._JUPYTERLAB ??= {}).tcplab = { init() {}, get: async () => set };
