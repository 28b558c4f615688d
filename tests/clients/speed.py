"""How quick exports are, beside DuckDB's COPY of the same rows and columns, in one run. Measures; tests nothing.

    speed.py BINARY [LINES]        1,900,000 lines have about a million that consented
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

COLUMNS = ["gender", "age", "home_sido", "home_sigungu", "device_series", "plan_name", "monthly_fee", "tenure_months"]
FORMATS = {"csv": "FORMAT csv", "parquet": "FORMAT parquet, COMPRESSION zstd", "csv.gz": "FORMAT csv, COMPRESSION gzip"}
RUNS = 3


def timed(work):
    """The median of a few runs, in seconds."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main():
    binary, lines = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "1900000"
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        data, session = folder / "data", folder / "s.json"
        subprocess.run([binary, "generate", "--customers", lines, "--seed", "1", "--out", data], check=True, capture_output=True)
        ask = [binary, "ask", "전체 고객 몇 명이야", "--session", session, "--data", data, "--json"]
        subprocess.run(ask, check=True, capture_output=True)
        table = f"read_parquet('{data}/customers*.parquet')" if list(data.glob("customers*.parquet")) else f"read_parquet('{data}/customers/*.parquet')"
        count = duckdb.sql(f"SELECT count(*) FROM {table} WHERE pi_consent").fetchall()[0][0]
        for form, options in FORMATS.items():
            ours, theirs = folder / f"a.{form}", folder / f"b.{form}"
            export = [binary, "export", "--session", session, "--data", data, "--out", ours, "--columns", ",".join(COLUMNS)]
            mine = timed(lambda: subprocess.run(export, check=True, capture_output=True))
            query = f"SELECT {', '.join(COLUMNS)} FROM {table} WHERE pi_consent ORDER BY customer_id"
            other = timed(lambda: duckdb.connect().execute(f"COPY ({query}) TO '{theirs}' ({options})"))
            print(
                f"{form}: {count} rows: waggle {count / mine:,.0f} rows/s (with its start), DuckDB {count / other:,.0f} rows/s: "
                f"{other / mine:.2f} times as quick"
            )


main()
