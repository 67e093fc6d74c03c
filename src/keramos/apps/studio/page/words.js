/** Sentences of the command line in the words of the page. */

/** What options are called in the forms, where it is not their name. @type {Record<string, string>} */
const TITLES = { runs: "Segmentation", path: "Segmentation", from: "Begin with" };

/** The title of an option in a form. @param {string} name */
export function titleOption(name) {
  const words = name.replaceAll(/[_-]/g, " ");
  return TITLES[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** A sentence with options by their titles in the forms: `--slices 17` becomes “Slices” 17. @param {string} sentence */
export function plainWords(sentence) {
  return sentence
    .replaceAll(/(^|[\s(])--([a-z][a-z-]+)/g, (_, before, name) => `${before}“${titleOption(name)}”`)
    .replaceAll(/\btrain (?:compact|unet|fcn)[-\w]*/g, "train the network")
    .replaceAll(/ in OUT\/\w+/g, "")
    .replaceAll(/\bper-voxel\b/g, "voxel by voxel");
}
