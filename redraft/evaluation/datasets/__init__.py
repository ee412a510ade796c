"""Data sets: local files in their authors' formats (a file here for each), or the hub's, as samples; and their graders.

Formulas over what came of the samples belong in `redraft.evaluation.metrics`, verifiers in `redraft.verifiers`.
"""

from redraft.evaluation.datasets.catalogue import DATASETS
from redraft.evaluation.datasets.dataset import Dataset
from redraft.evaluation.datasets.jsonl import write_samples
from redraft.evaluation.datasets.open import open_grader, open_samples

__all__ = ["DATASETS", "Dataset", "open_grader", "open_samples", "write_samples"]
