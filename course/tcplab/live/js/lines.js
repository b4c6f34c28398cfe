// Lines of code that do what was clicked, each to be copied, and all of them at once.

/** A block of code: `set(lines)` shows them; a line is copied by its own button, all by the one above. */
function codeBlock(caption, { all = true } = {}) {
  const lines = make("ol", { class: "lines" });
  const copyAll = make(
    "button",
    { class: "b sm", type: "button", onclick: () => copy(copyAll, block.text) },
    "Copy all",
  );
  const element = make("div", { class: "code" }, make("div", { class: "cap" }, caption, all ? copyAll : null), lines);
  const block = {
    element,
    text: "",
    set(told) {
      if (told.join("\n") === block.text) return;
      block.text = told.join("\n");
      copyAll.disabled = !told.length;
      lines.replaceChildren(
        ...told.map((line) => {
          const one = make(
            "button",
            { class: "b sm", type: "button", "aria-label": `Copy ${line}`, onclick: () => copy(one, line) },
            "Copy",
          );
          return make("li", {}, make("code", {}, line), one);
        }),
      );
      lines.scrollTop = lines.scrollHeight;
    },
  };
  return block;
}
