// Words into the clipboard, from a button that says so; code.js and lines.js have such buttons.

async function copy(button, words) {
  const said = (button.dataset.said ??= button.textContent); // clicked again, it still says "Copied"
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const area = make("textarea", { style: "position: fixed; opacity: 0" });
    area.value = words; // where the page may not write to the clipboard: an address without TLS
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = said), 1200);
}
