// Load the page anew when its stamp is another: while files are watched. The stamp is a style sheet beside the page.
"use strict";
(() => {
  const { watched, stamp } = document.querySelector("main").dataset;
  if (!watched) return;
  const EVERY = 700; // milliseconds
  const AGAIN = "checked again";
  const said = document.getElementById("said");
  const remembered = (action) => {
    try {
      return action(window.sessionStorage);
    } catch { // not every browser keeps anything for a page from a file
      return null;
    }
  };

  if (remembered((kept) => kept.getItem(AGAIN))) {
    remembered((kept) => kept.removeItem(AGAIN));
    setTimeout(() => { said.textContent = `Checked again: ${said.dataset.progress}.`; }, 100);
  }

  let count = 0;
  const look = () => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = `${watched}?${Date.now()}.${count += 1}`;
    sheet.addEventListener("load", () => {
      const found = getComputedStyle(document.documentElement).getPropertyValue("--stamp").replace(/["\s]/g, "");
      sheet.remove();
      if (found && found !== stamp) {
        remembered((kept) => kept.setItem(AGAIN, "1"));
        location.reload(); // it stays where it was scrolled to
      } else {
        setTimeout(look, EVERY);
      }
    });
    sheet.addEventListener("error", () => sheet.remove()); // nobody watches any longer
    document.head.append(sheet);
  };
  setTimeout(look, EVERY);
})();
