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
 * @property {number} positive  the code of the phase of interest
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
 * @property {Record<string, boolean>} open
 * @property {"auto" | "light" | "dark"} theme
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
 * @property {string} [unit]
 * @property {number | null} [rate]
 * @property {number | null} [seconds_left]
 * @property {string} [verb]
 * @property {Record<string, unknown>} [options]
 * @property {string} [folder]
 * @property {string} [command]
 * @property {string} [recipe]
 * @property {boolean} [resumable]
 * @property {string} [error]
 * @property {string[]} [notes]
 * @property {Finding[]} [findings]
 * @property {{outputs: Record<string, string>, numbers?: {findings?: Finding[]}} | null} [result]
 *
 * @typedef {{name: string, title: string, in_recipe: boolean, resumes: boolean, options: OptionFacts[], begin: Record<string, unknown>}} VerbFacts
 *
 * @typedef {{iou: number, interval: [number, number] | null, of: string, squares: number, voxels: number, indicative: boolean}} HeldOutScore
 * @typedef {object} ModelRecord
 * @property {number} number
 * @property {number[]} slices
 * @property {Record<string, number>} voxels
 * @property {number} seconds
 * @property {boolean} stopped
 * @property {HeldOutScore | null} score
 * @property {Finding[]} findings
 * @typedef {object} AssistStatus
 * @property {number} current  0 for the bundled weights
 * @property {ModelRecord[]} models
 * @property {{model: number, iou: number | null, interval: [number, number] | null}[]} curve
 * @property {{state: string, sentence: string, doubts: string[], how: string}} enough
 * @property {number} proposed
 * @property {number} slices
 * @property {boolean} can_propose
 * @typedef {{z: number, box: string, why: string}} Suggestion
 *
 * @typedef {object} OptionFacts
 * @property {string} name
 * @property {string} help
 * @property {string} [label]  where it is not the name
 * @property {"choice" | "true or false" | "whole number" | "number" | "text" | "list" | "numbers"} kind
 * @property {string[]} choices
 * @property {any} default
 * @property {number | null} low
 * @property {number | null} high
 * @property {string | null} unit
 * @property {boolean} [required]
 * @property {string} [writes]
 * @typedef {object} ToolFacts
 * @property {string} name
 * @property {string} title
 * @property {string} help
 * @property {"stroke" | "outline" | "click" | "slice"} pointer
 * @property {"phase" | "several" | "none"} gives
 * @property {OptionFacts[]} options
 */
export {};
