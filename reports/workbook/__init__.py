"""The workbook of a pack: the long tables behind its pages, one sheet a subject."""
