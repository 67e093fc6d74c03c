"""Every option of every verb, declared once, in a frozen value a verb.

A field says its name, type, unit, default, bounds and one line of help (`keramos.core.options`). The command line, its
help and completion, the recipe's tables, the identity of a resumed run, the provenance record and the reference page
are derived from these classes. Rooms that do the work take the part that concerns them (`...Options`).
"""
