// Words into the clipboard, from a button that says so.

async function copy(button, words) {
  const said = button.textContent;
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
