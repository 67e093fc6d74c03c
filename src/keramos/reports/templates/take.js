// Buttons that save a chart of the page as an SVG file, in the colours of the light theme.
(() => {
  "use strict";
  const colours = document.createElement("style"), light = document.getElementById("light-colours").textContent;
  for (const button of document.querySelectorAll("button[data-take]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const drawn = button.closest("figure").querySelector(".broad svg").cloneNode(true);
      colours.textContent = `${light} svg { font-family: Helvetica, Arial, sans-serif; }`;
      drawn.prepend(colours.cloneNode(true));
      drawn.setAttribute("xmlns", "http://www.w3.org/2000/svg");
      drawn.setAttribute("width", "180mm");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(drawn)], { type: "image/svg+xml" }));
      link.download = `${button.dataset.take}.svg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
})();
