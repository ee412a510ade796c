"""The same run on many processes: workers in Ray actors, on this machine or a cluster.

Each worker runs whole items and loads `local` and `vllm:` models once; one more actor, on the machine of the caller,
has the response store and the budget of all, so that no file system need be shared. Items, calls and what came of them
travel in bundles, the larger the busier the processes are (`redraft.engine.posting`).

Actors and not Ray Data: its operators pass blocks of rows on, each only when all its rows are done, so an item would
wait for its neighbours; its retries are of blocks, and its output is a data set, where a run writes each record to a
journal as it finishes.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redraft.engine.keeper import Keeper
from redraft.engine.recipe import Recipe
from redraft.errors import ConfigError, MissingExtra
from redraft.models.budget import Budget

if TYPE_CHECKING:
    from redraft.engine.crew import Crew

_CALLS = 100_000
"""Calls that an actor takes up at once. What bounds them is the window; Ray's own 1,000 would be a second bound."""


@asynccontextmanager
async def on_ray(
    recipe: Recipe,
    *,
    workers: int | None = None,
    window: int | None = None,
    store: Path | None = None,
    limit: int | None = None,
    budget: Budget | None = None,
    patience: float = 600.0,
) -> AsyncIterator[Crew]:
    """`workers` processes that run `recipe`, by default one per CPU, for a `vllm:` model one per GPU; `crew.run` is for
    `redraft.engine.files.run_files`.

    The Ray cluster at `$RAY_ADDRESS` is used if that is set, or the one this process is connected to; else one is
    started on loopback and ended with the block. redraft must be installed on every machine, and paths in model strings
    must be valid there. `window` and `limit` (chats in flight at a server) are those of all workers together; a model
    that each worker loads has `limit` in each. The rest is as for `redraft.workflow`.

    Raises MissingExtra without Ray, ConfigError where it cannot be started or has too few GPUs, RedraftError where no
    worker can be had.
    """
    prompts = _prompts(recipe)
    ours = begin()
    import ray

    from redraft.engine.crew import Crew
    from redraft.engine.worker import Job, Worker

    try:
        number, needs = _workers(workers, recipe, ray.cluster_resources())
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        keeper = (
            ray.remote(Keeper)
            .options(num_cpus=0, max_concurrency=_CALLS, scheduling_strategy=here)
            .remote(store.resolve() if store else None, budget)
        )
        hands = ray.remote(Worker).options(max_concurrency=_CALLS, scheduling_strategy="SPREAD", **needs)
        job = Job(recipe, prompts, number, store, limit, patience)
        crew = Crew(lambda name: hands.remote(name, job, keeper), keeper, number, window)
        try:
            await crew.start()
            yield crew
            await crew.dismiss()
        finally:
            crew.kill()
    finally:
        if ours:
            ray.shutdown()


def begin() -> bool:
    """Connect to the cluster at `$RAY_ADDRESS`, or start one here, quietly and for this process alone; False where this
    process is connected already. Raises as `on_ray`."""
    elsewhere = bool(os.environ.get("RAY_ADDRESS"))
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not elsewhere:
        # Read when Ray is imported. Without it Ray takes orders from the whole network, and asks nobody who they are.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("Ray", "ray") from error
    if ray.is_initialized():
        return False
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if not elsewhere:
        options |= {"address": "local", "include_dashboard": False, "object_store_memory": 128 * 2**20}
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise ConfigError(f"Ray cannot be started or reached: {error}") from error
    if not elsewhere and ray.util.get_node_ip_address() != "127.0.0.1":
        ray.shutdown()
        raise ConfigError(
            "Ray was imported before redraft could have it listen on loopback alone: call ray.init() yourself, or set "
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 beforehand"
        )
    return True


def _workers(wanted: int | None, recipe: Recipe, there: Mapping[str, float]) -> tuple[int, dict[str, float]]:
    """How many workers, and what each of them takes of the machines."""
    cpus, gpus = int(there.get("CPU", 1)), int(there.get("GPU", 0))
    if gpus and any(model.startswith("vllm:") for model in (recipe.model, *recipe.roles.values())):
        if (wanted or 0) > gpus:
            raise ConfigError(f"a vllm: model needs a GPU in each of {wanted} workers, and Ray has {gpus}")
        return wanted or gpus, {"num_gpus": 1, "num_cpus": 0}
    number = wanted or max(1, cpus)
    return number, {"num_cpus": 1 if number <= cpus else 0}


def _prompts(recipe: Recipe) -> dict[str, str]:
    """The edited prompts by file name. Raises ConfigError."""
    if recipe.prompts is None:
        return {}
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in recipe.prompts.glob("*.jinja")}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the prompts in {recipe.prompts} cannot be read: {error}") from error
