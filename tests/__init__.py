"""The tests mirror the rooms of the project. Each worker has one processor: more threads only wait for each other."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ.setdefault(name, "1")  # before anything imports them; processes that tests start inherit it
