"""Every data set that a string can name. A new one is added here, and nowhere else."""

from __future__ import annotations

from redraft.evaluation.datasets import (
    bigbench_mistake,
    competition_math,
    gsm8k,
    hub,
    humaneval,
    ifeval,
    jsonl,
    ldb,
    mbpp,
    minif2f,
    mqm,
    realmistake,
)
from redraft.evaluation.datasets.dataset import Dataset

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        gsm8k.DATASET,
        competition_math.DATASET,
        *humaneval.DATASETS,
        mbpp.DATASET,
        ldb.DATASET,
        ifeval.DATASET,
        mqm.DATASET,
        realmistake.DATASET,
        bigbench_mistake.DATASET,
        minif2f.DATASET,
        jsonl.DATASET,
        hub.DATASET,
    )
}
