// Put a button beside everything that is there to be pasted. Without script it can still be selected by hand.
"use strict";
(() => {
  const said = document.getElementById("said");

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const copy = async (code) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch { // not every browser lets a page from a file use the clipboard
      select(code);
      return document.execCommand("copy");
    }
  };

  for (const code of document.querySelectorAll("pre.paste code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const done = await copy(code);
      button.textContent = done ? "Copied" : "Selected";
      said.textContent = done ? "Copied." : "Selected: copy it with your keyboard.";
      setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
    });
    code.parentElement.before(button);
  }
})();
