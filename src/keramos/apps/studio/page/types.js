/**
 * The shapes of what the server sends and of what the page keeps, for the type check alone: nothing here runs.
 *
 * @typedef {"z" | "y" | "x"} Axis
 * @typedef {{z: number, y: number, x: number}} Place  A place in voxels of the stack; the first voxel's centre is at 0.
 * @typedef {"xy" | "xz" | "yz"} PlaneName
 * @typedef {{x: number, y: number, width: number, height: number}} Rect
 *
 * @typedef {{code: number, name: string, colour: string}} Phase
 * @typedef {{shape: [number, number, number], merged: [number, number, number]}} Level  Z Y X
 * @typedef {{kind: string, message: string, effect?: string, advice?: string, severity: string, slices?: number[]}} Finding
 * @typedef {object} Stack
 * @property {string} name
 * @property {[number, number, number]} shape  Z Y X
 * @property {[number, number, number] | null} voxel_size_nm  Z Y X; null where it is not known
 * @property {string} dtype
 * @property {Level[]} levels
 * @property {[number, number]} range  values that the first contrast shows as black and white
 * @property {{offset: number, scale: number}} [value]  the grey value of the file is offset + scale * what a tile holds
 *
 * @typedef {"images" | "labels" | "scores" | "uncertainty"} LayerKind
 * @typedef {object} LayerFacts
 * @property {string} name
 * @property {LayerKind} kind
 * @property {string} title
 * @property {PlaneName[]} planes  those that can be had now
 * @property {Level[]} levels
 * @property {Phase[] | null} phases
 *
 * @typedef {object} Project
 * @property {string} name
 * @property {Stack} stack
 * @property {Phase[]} phases
 * @property {LayerFacts[]} layers
 * @property {number[]} annotated
 * @property {Finding[]} findings
 * @property {boolean} writer
 * @property {Partial<SavedView>} view
 *
 * @typedef {object} SavedView
 * @property {Place} position
 * @property {Place} centre
 * @property {number} zoom
 * @property {{low: number, high: number, gamma: number}} contrast
 * @property {Record<string, Partial<LayerStyle>>} layers
 * @property {string} layout
 *
 * @typedef {object} LayerStyle
 * @property {boolean} visible
 * @property {number} opacity
 * @property {boolean} outline
 * @typedef {LayerFacts & LayerStyle} Layer
 *
 * @typedef {{layer: string, plane: PlaneName, level: number, index: number, row: number, column: number}} TileAddress
 *
 * @typedef {[number, number, number]} StrokePoint  x and y in voxels of the slice, pressure from 0 to 1
 * @typedef {{tool: string, z: number, phase: number, points: StrokePoint[], options: Record<string, unknown>}} Gesture
 * @typedef {{z: number, y: number, x: number, height: number, width: number, codes: string}} PatchMessage
 * @typedef {{number: number, undo: number, redo: number, annotated: number[]}} Counts  of the drawing
 * @typedef {Counts & {type: "saved", id: number | null, patches: PatchMessage[]}} SavedMessage
 * @typedef {object} Job
 * @property {string | number} id
 * @property {string} kind
 * @property {string} title
 * @property {"waiting" | "running" | "done" | "failed" | "cancelled"} state
 * @property {string} [task]
 * @property {number} [done]
 * @property {number} [total]
 * @property {number | null} [seconds_left]
 *
 * @typedef {object} OptionFacts
 * @property {string} name
 * @property {string} help
 * @property {"choice" | "true or false" | "whole number" | "number" | "text"} kind
 * @property {string[]} choices
 * @property {any} default
 * @property {number | null} low
 * @property {number | null} high
 * @property {string | null} unit
 * @typedef {object} ToolFacts
 * @property {string} name
 * @property {string} title
 * @property {string} help
 * @property {"stroke" | "outline" | "click" | "slice"} pointer
 * @property {"phase" | "several" | "none"} gives
 * @property {OptionFacts[]} options
 */
export {};
