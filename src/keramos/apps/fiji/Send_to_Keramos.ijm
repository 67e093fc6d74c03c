// Send to Keramos: segment the open stack, and open its labels with their voxel size, in the colours of their phases.
//
// Plugins > Install... puts it into the menu. Beside the image's file (or in the folder for temporary files) it makes a
// folder NAME-keramos with the stack as it was sent, the segmentation (OME-Zarr) and its labels (TIFF).
// A macro can run it without the dialog; what is not given is as the dialog begins:
//     runMacro("Send_to_Keramos.ijm", "model=otsu;voxel=20 10 10;keramos=/opt/keramos/bin/keramos;folder=/tmp/");

requires("1.52i");
if (nImages == 0) exit("There is no open image to send to Keramos: open a stack first.");
getDimensions(width, height, channels, slices, frames);
if (bitDepth() == 24) exit("Keramos takes grey values, and this image has colours: Image > Type > 8-bit makes it grey.");
if (channels > 1) exit("Keramos takes one channel, and this image has " + channels + ": Image > Color > Split Channels.");
if (frames > 1) exit("Keramos takes slices, and this image has " + frames + " time points: Image > Properties... sets slices.");

argument = getArgument();
title = getTitle();
command = option(argument, "keramos", call("ij.Prefs.get", "keramos.command", "keramos"));
model = option(argument, "model", call("ij.Prefs.get", "keramos.model", "porous-solid"));
size = option(argument, "voxel", calibration());
folder = option(argument, "folder", place());
if (argument == "") {
    Dialog.create("Send to Keramos");
    Dialog.addString("Model", model, 40);
    Dialog.addMessage("otsu, sauvola, porous-solid, or the path of a model that keramos train wrote");
    Dialog.addString("Voxel size (nm, z y x)", size, 40);
    Dialog.addString("Folder", folder, 40);
    Dialog.addString("Command", command, 40);
    Dialog.addMessage("keramos, or its whole path, such as /home/me/keramos/bin/keramos");
    Dialog.show();
    model = Dialog.getString();
    size = Dialog.getString();
    folder = Dialog.getString();
    command = Dialog.getString();
}
call("ij.Prefs.set", "keramos.command", command);
call("ij.Prefs.set", "keramos.model", model);
edges = split(size, " ");
if (edges.length != 3) exit("The voxel size is three numbers in nm, z y x, as in 20 26.4 20.8; the image has no unit of length.");
if (!endsWith(folder, File.separator)) folder = folder + File.separator;
name = stem(title);
folder = free(folder + name + "-keramos");
folder = folder + File.separator;
File.makeDirectory(folder);
if (!File.isDirectory(folder)) exit("No folder can be made at " + folder + ": choose another.");

stack = folder + "stack.tif";
store = folder + "segmentation.ome.zarr";
labels = folder + "labels.tif";
facts = folder + "facts.json";
save_copy(stack);

showStatus("Keramos segments...");
said = keramos(newArray(command, "segment", stack, "--voxel-size", edges[0], edges[1], edges[2], "--model", model, "--out", store));
if (!File.exists(store)) exit(sentence(said));
print(said);
said = keramos(newArray(command, "export", store, "--to", "tiff", "--out", labels));
if (!File.exists(labels)) exit(sentence(said));
said = keramos(newArray(command, "info", store, "--json", facts));
if (!File.exists(facts)) exit(sentence(said));

open(labels);
rename(name + "-labels");
colour(File.openAsString(facts));
showStatus("Keramos is done.");

// Save a duplicate of the open image, which stays that of its own file; without its selection, which would cut it.
function save_copy(path) {
    original = getImageID();
    selected = selectionType() >= 0;
    if (selected) run("Select None");
    run("Duplicate...", "title=keramos duplicate");
    saveAs("Tiff", path);
    close();
    selectImage(original);
    if (selected) run("Restore Selection");
}

// The value of name=value in an argument, or what is usual.
function option(argument, name, usual) {
    parts = split(argument, ";");
    for (i = 0; i < parts.length; i++)
        if (startsWith(parts[i], name + "=")) return substring(parts[i], lengthOf(name) + 1);
    return usual;
}

// The voxel size of the open image in nm, z y x; empty where it has no unit of length.
function calibration() {
    getVoxelSize(x, y, z, unit);
    unit = toLowerCase(unit);
    nm = 0;
    if (unit == "nm" || startsWith(unit, "nanomet")) nm = 1;
    if (unit == "um" || unit == fromCharCode(181) + "m" || unit == fromCharCode(956) + "m" || startsWith(unit, "micron") || startsWith(unit, "micromet")) nm = 1000;
    if (unit == "mm") nm = 1000000;
    if (nm == 0) return "";
    return d2s(z * nm, 6) + " " + d2s(y * nm, 6) + " " + d2s(x * nm, 6);
}

// The folder of the open image, or that for temporary files.
function place() {
    here = getInfo("image.directory");
    if (here == "" || !File.isDirectory(here)) here = getDirectory("temp");
    return here;
}

function stem(title) {
    dot = lastIndexOf(title, ".");
    if (dot > 0) title = substring(title, 0, dot);
    return replace(title, "[^A-Za-z0-9._-]+", "_");
}

// The path, with a number behind it where something is there already.
function free(path) {
    if (!File.exists(path)) return path;
    for (i = 2; i < 10000; i++)
        if (!File.exists(path + "-" + i)) return path + "-" + i;
    return path;
}

// What a command says, mistakes included: exec() alone gives only the standard output.
function keramos(words) {
    line = "";
    windows = startsWith(getInfo("os.name"), "Windows");
    for (i = 0; i < words.length; i++) {
        if (windows) line = line + "\"" + words[i] + "\" ";
        else line = line + "'" + replace(words[i], "'", "'\"'\"'") + "' ";
    }
    if (windows) return exec("cmd", "/c", "\"" + line + "2>&1\"");
    return exec("sh", "-c", line + "2>&1");
}

// The line of a command that says why it has not done its work; all of it where there is none.
function sentence(said) {
    lines = split(said, "\n");
    for (i = 0; i < lines.length; i++)
        if (startsWith(lines[i], "keramos: ")) return lines[i];
    return "Keramos could not be run: " + said;
}

// Show the codes of phases in the colours that the facts of a segmentation name; what is not annotated is white.
function colour(facts) {
    reds = newArray(256);
    greens = newArray(256);
    blues = newArray(256);
    Array.fill(reds, 255);
    Array.fill(greens, 255);
    Array.fill(blues, 255);
    start = indexOf(facts, "\"phases\": [");
    if (start < 0) exit("The facts of the segmentation name no phases: " + facts);
    parts = split(substring(facts, start, lengthOf(facts)), "(\"colour\": \"#)");
    names = "";
    for (code = 0; code < parts.length - 1; code++) {
        reds[code] = parseInt(substring(parts[code + 1], 0, 2), 16);
        greens[code] = parseInt(substring(parts[code + 1], 2, 4), 16);
        blues[code] = parseInt(substring(parts[code + 1], 4, 6), 16);
        rest = parts[code];
        at = lastIndexOf(rest, "\"name\": \"") + 9;
        names = names + code + " " + substring(rest, at, indexOf(rest, "\"", at)) + "\n";
        if (indexOf(parts[code + 1], "]") >= 0) code = parts.length;
    }
    setMinAndMax(0, 255);
    setLut(reds, greens, blues);
    setMetadata("Info", names + "255 not annotated");
}
