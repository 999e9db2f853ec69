"""The mask of margins in NumPy, with the count written into it: as a boolean, and as a number."""

import sys

import numpy as np

margins, labels = np.load(sys.argv[1]), np.load(sys.argv[2]).astype(int)
rows = np.arange(len(labels))
margins[rows, labels] = 0

mask = margins > 0
mask[rows, labels] = -np.sum(mask, axis=1)
print("mask = margins > 0; mask[rows, y] = -np.sum(mask, axis=1)")
print(f"  {mask.dtype}: first row {mask[0].astype(int).tolist()}, right class {labels[0]}")

mask = (margins > 0).astype(float)
mask[rows, labels] = -np.sum(mask, axis=1)
print("mask = (margins > 0).astype(float); mask[rows, y] = -np.sum(mask, axis=1)")
print(f"  {mask.dtype}: first row {mask[0].astype(int).tolist()}")
