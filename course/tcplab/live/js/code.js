// The code twin of a control: the lines that do the same, and a button that copies them.

/** A block of code under its caption; `show(text)` sets it, and hides the block where there is none. */
function codeBlock(...caption) {
  const lines = make("pre", { tabindex: "0", "aria-label": "The code that does the same" });
  const button = make(
    "button",
    { class: "b sm", type: "button", onclick: () => copy(button, lines.textContent) },
    "Copy",
  );
  const block = make(
    "div",
    { class: "code" },
    make("div", { class: "cap" }, make("span", {}, ...caption), button),
    lines,
  );
  const show = (text) => {
    block.hidden = !text;
    lines.textContent = text;
  };
  return { block, show };
}
