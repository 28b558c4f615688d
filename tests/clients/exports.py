"""The rows of an export are the segment's count in every format, and with a channel the last step of the waterfall; the
files are read back by DuckDB and pyarrow, which did not write them.

    exports.py BINARY DATA FOLDER
"""

import hashlib
import io
import pathlib
import sys
import time

from served import Client, Served

FORMATS = ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet", "arrow", "xlsx"]


def missing():
    """What cannot be had here; the formats that need it are named, not passed."""
    lacking = []
    for name in ("duckdb", "pyarrow", "openpyxl"):
        try:
            __import__(name)
        except ImportError:
            lacking.append(name)
    return lacking


def reader(form):
    return {"arrow": "pyarrow", "xlsx": "openpyxl"}.get(form, "duckdb")


def rows(path, form):
    """Keys of the rows of a file, in order."""
    if form == "arrow":
        import pyarrow.ipc

        with pyarrow.ipc.open_stream(io.BytesIO(path.read_bytes())) as stream:
            return stream.read_all().column(0).to_pylist()
    if form == "xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True)
        return [row[0] for row in book.active.iter_rows(min_row=2, max_col=1, values_only=True)]
    import duckdb

    read = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}[form.split(".")[0]]
    return [row[0] for row in duckdb.sql(f"SELECT customer_id_hash FROM {read}('{path}')").fetchall()]


def export(client, session, order):
    """The finished export of what a conversation stands at."""
    status, _, job = client.send("POST", f"/v1/sessions/{session}/exports", order)
    assert status == 202, (status, job)
    for _ in range(1200):
        status, _, job = client.send("GET", f"/v1/exports/{job['id']}")
        if job["state"] not in ("queued", "running"):
            break
        time.sleep(0.05)
    assert job["state"] == "done", job
    return job


def fetch(client, job, folder):
    """The files of an export, by what they are for."""
    files = {}
    for file in job["files"]:
        _, _, data = client.send("GET", file["url"])
        data = data if isinstance(data, bytes) else None
        if data is None:  # a body that happens to be JSON
            client.connection.request("GET", file["url"])
            data = client.connection.getresponse().read()
        assert hashlib.sha256(data).hexdigest() == file["sha256"], file
        files[file["role"]] = folder / file["name"]
        files[file["role"]].write_bytes(data)
    return files


def main():
    binary, data, folder = sys.argv[1:4]
    folder = pathlib.Path(folder)
    lacking = missing()
    served = Served(binary, data, str(folder / "exports.db"), "--export-folder", str(folder / "exports"), "--min-group", "0")
    client = Client(served)
    session = client.session()
    _, _, answer = client.say(session, "서울 사는 사람")
    checked = []
    keys = None
    for form in FORMATS:
        if reader(form) in lacking:
            print(f"not run: {form} read back by {reader(form)}, which cannot be had")
            continue
        job = export(client, session, {"format": form})
        found = rows(fetch(client, job, folder)["exported"], form)
        assert len(found) == answer["count"] == job["rows"], (form, len(found), answer["count"], job)
        assert len(set(found)) == len(found), form
        keys = keys or found
        assert found == keys, f"{form} has other rows"
        checked.append(form)
    order = {"format": "parquet", "channel": "sms", "not_contacted_days": 30, "hold_out": {"percent": 10, "seed": 7}}
    if "duckdb" not in lacking:
        _, _, reach = client.send("POST", f"/v1/sessions/{session}/reach", {k: order[k] for k in order if k != "format"})
        steps = {step["name"]: step["count"] for step in reach["steps"]}
        files = fetch(client, export(client, session, order), folder)
        sent, held = rows(files["exported"], "parquet"), rows(files["held_out"], "parquet")
        assert len(sent) == steps["exported"] and len(held) == steps["held_out"], (len(sent), len(held), steps)
        assert not set(sent) & set(held) and set(sent) | set(held) <= set(keys)
        assert len(sent) + len(held) == steps["not_contacted"], steps
        print(f"exports: waterfall {steps}: both files add up and are disjoint")
    assert served.stop() == 0
    print(f"exports: {answer['count']} rows in each of {', '.join(checked)}")


main()
