/** A prepared stack, opened as a project of its own in another page. */
/** @import {Job} from "../types.js" */
/** @import {Studio} from "../studio.js" */
import { make } from "../dom.js";

/** @param {Job} job @param {Studio} studio */
export function openPrepared(job, studio) {
  const place = make("span", { class: "opener-of-stack" });
  const open = make("button", {
    type: "button", class: "primary", title: "Makes a project of the prepared stack; this one stays open", onclick: async () => {
      open.disabled = true;
      open.textContent = "Opening…";
      try {
        const { address, command } = await studio.api("/api/open-prepared", { id: job.id });
        place.replaceChildren(make("a", { class: "button", href: address, target: "_blank", rel: "noopener", title: `or, later: ${command}` }, "Go to the new project"));
        window.open(address, "_blank", "noopener");
      } catch (error) {
        open.disabled = false;
        open.textContent = "Open as a new project";
        studio.toast(error instanceof Error ? error.message : String(error), "problem");
      }
    },
  }, "Open as a new project");
  place.append(open);
  return place;
}
