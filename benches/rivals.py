"""Other engines on the files of a Waggle data folder, for `waggle bench --vs`: JSON lines in, JSON lines out.

Waggle starts it as a child and asks turn by turn, so that all are measured in one run. DuckDB runs the SQL that
Waggle prints for it; Polars, whose SQL has no correlated EXISTS, gets the segment itself, translated here. What they
write lies below the folder that is its argument, which Waggle removes, too: a child that is killed removes nothing.
"""

import calendar
import datetime
import json
import os
import pathlib
import re
import sys
import tempfile
import time

# A question is repeated until it was asked so often, or so many seconds were spent on it. Waggle is asked by the same rule.
REPEATS = 3
REPEAT_SECONDS = 1.0


def files(folder, table):
    """The Parquet files of a table: one file, or those of a folder."""
    single = pathlib.Path(folder) / f"{table}.parquet"
    return str(single if single.is_file() else pathlib.Path(folder) / table / "*.parquet")


def quoted(text):
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def plain(value):
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else value


def timed(work):
    started = time.perf_counter()
    result = work()
    return (time.perf_counter() - started) * 1000.0, result


def measured(first, again):
    """Milliseconds of the first run and of the repeated ones, and the rows."""
    ms, rows = timed(first)
    repeated = []
    while not repeated or (len(repeated) < REPEATS and sum(repeated) < REPEAT_SECONDS * 1000.0):
        repeated.append(timed(again)[0])
    return {"first": ms, "repeated": repeated, "rows": [[plain(cell) for cell in row] for row in rows]}


class Duck:
    """DuckDB, over the Parquet files or over tables of its own loaded from them."""

    def __init__(self, order, native, folder):
        import duckdb

        self.duckdb, self.order, self.native = duckdb, order, native
        self.path = os.path.join(folder, "native.duckdb")
        self.version = duckdb.__version__
        self.load_s = None
        if native and not os.path.exists(self.path):
            ms, _ = timed(self.load)
            self.load_s = ms / 1000.0
        self.fresh()

    def load(self):
        connection = self.connect()
        for table in self.order["tables"]:
            source = quoted(files(self.order["data"], table))
            connection.execute(f'CREATE TABLE "{table}" AS SELECT * FROM read_parquet({source})')
        connection.close()

    def connect(self):
        connection = self.duckdb.connect(self.path if self.native else ":memory:")
        connection.execute(f"SET threads = {self.order['threads']}")
        connection.execute("SET enable_progress_bar = false")
        return connection

    def fresh(self):
        """As a program that was just started."""
        if getattr(self, "connection", None):
            self.connection.close()
        self.connection = self.connect()
        if not self.native:
            for table in self.order["tables"]:
                source = quoted(files(self.order["data"], table))
                self.connection.execute(f'CREATE VIEW "{table}" AS SELECT * FROM read_parquet({source})')

    def run(self, sql):
        return self.connection.execute(sql).fetchall()

    def ask(self, question):
        def work():
            return self.run(question["sql"])

        return measured(work, work)


class Kept(Duck):
    """DuckDB where the people of each turn are kept as a temporary table, and the next turn is asked of them.

    The first run is the making of the table and the question; the table has the columns that the conversation asks of.
    """

    def __init__(self, order, folder):
        super().__init__(order, True, folder)
        self.at = 0

    def columns(self, talk):
        known = [row[0] for row in self.run(f"DESCRIBE \"{self.order['entity']}\"")]
        asked = " ".join(question["sql"] + question["shown"] for question in talk)
        return [name for name in known if re.search(rf"\bc\.\"?{re.escape(name)}\b", asked)]

    def of(self, sql, table):
        """A statement of Waggle's, asked of `table` instead of all."""
        return sql.replace(f"FROM {self.order['entity']} AS c", f"FROM {table} AS c", 1)

    def ask_all(self, talk):
        columns = ", ".join(f'c."{name}"' for name in self.columns(talk))
        answers, table = [], None
        for question in talk:
            if table and question["narrows"] and question["added"] is None:
                answers.append(self.asked(question, table, None))
                continue
            before, self.at = table, self.at + 1
            table = f"kept{self.at}"
            narrowed = before and question["narrows"]
            members = self.of(question["added"], before) if narrowed else question["members"]
            members = members.replace("count(*) AS n", columns, 1)
            answers.append(self.asked(question, table, f"CREATE TEMPORARY TABLE {table} AS {members}"))
            if before:
                self.run(f"DROP TABLE {before}")
        if table:
            self.run(f"DROP TABLE {table}")
        return answers

    def asked(self, question, table, make):
        shown = self.of(question["shown"], table)

        def first():
            if make:
                self.run(make)
            return self.run(shown)

        return measured(first, lambda: self.run(shown))


class Unsupported(Exception):
    """A question that is not translated for Polars."""


class Bears:
    """Polars over the Parquet files, lazily, with its streaming engine."""

    def __init__(self, order):
        os.environ["POLARS_MAX_THREADS"] = str(order["threads"])
        import polars

        self.pl, self.order, self.version, self.load_s = polars, order, polars.__version__, None
        self.as_of = datetime.date.fromisoformat(order["as_of"])
        self.fresh()

    def fresh(self):
        self.frames = {table: self.pl.scan_parquet(files(self.order["data"], table)) for table in self.order["tables"]}

    def ask(self, question):
        def work():
            return self.shown(question).collect(engine="streaming").rows()

        return measured(work, work)

    def literal(self, literal):
        ((kind, value),) = literal.items()
        return self.pl.lit(self.day(value)) if kind == "date" else self.pl.lit(value)

    def day(self, spec):
        ((kind, value),) = spec.items()
        if kind == "on":
            return datetime.date.fromisoformat(value)
        if kind == "days_before":
            return self.as_of - datetime.timedelta(days=value)
        months = self.as_of.year * 12 + self.as_of.month - 1 - value
        year, month = divmod(months, 12)
        return datetime.date(year, month + 1, min(self.as_of.day, calendar.monthrange(year, month + 1)[1]))

    def test(self, subject, test):
        """A test as an expression that is never missing."""
        if test == "true":
            return subject.fill_null(False)
        if test == "missing":
            return subject.is_null()
        ((kind, value),) = test.items()
        if kind == "between":
            held = subject.is_between(self.literal(value[0]), self.literal(value[1]))
        elif kind == "in":
            held = subject.is_in([next(iter(one.values())) for one in value])
        else:
            held = {
                "eq": subject.__eq__, "ne": subject.__eq__, "lt": subject.__lt__,
                "le": subject.__le__, "gt": subject.__gt__, "ge": subject.__ge__,
            }[kind](self.literal(value))
        held = held.fill_null(False)
        return ~held if kind == "ne" else held

    def condition(self, expr, flags):
        """A condition as an expression; presences become flags, to be joined before it is asked."""
        if expr == "all":
            return self.pl.lit(True)
        ((kind, value),) = expr.items()
        if kind == "and":
            return self.pl.all_horizontal([self.condition(part, flags) for part in value] or [self.pl.lit(True)])
        if kind == "or":
            return self.pl.any_horizontal([self.condition(part, flags) for part in value] or [self.pl.lit(False)])
        if kind == "not":
            return ~self.condition(value, flags)
        if kind == "compare":
            return self.test(self.pl.col(value["field"]), value["test"])
        ids, absent = self.presence(kind, value)
        name = f"__flag{len(flags)}"
        flags.append((name, ids))
        held = self.pl.col(name).is_not_null()
        return ~held if absent else held

    def presence(self, kind, value):
        """The ids of a presence or a total, and whether it is their absence that holds."""
        if kind not in ("exists", "total"):
            raise Unsupported(kind)
        key = self.order["tables"][value["dataset"]]
        rows = self.frames[value["dataset"]].filter(self.condition(value["rows"], []))
        if kind == "exists":
            return rows.select(key), False
        field = self.pl.col(value["field"]) if value["field"] else None
        aggregate = {
            "count": lambda: self.pl.len() if field is None else field.count(),
            "count_distinct": lambda: field.drop_nulls().n_unique(),
            "sum": lambda: field.cast(self.pl.Int64).sum(),
            "avg": lambda: field.mean(),
            "min": lambda: field.min(),
            "max": lambda: field.max(),
        }[value["func"]]()
        passes = self.test(self.pl.col("__total"), value["test"])
        absent = self.passes_without_rows(value)
        grouped = rows.group_by(key).agg(aggregate.alias("__total"))
        return grouped.filter(~passes if absent else passes).select(key), absent

    def passes_without_rows(self, value):
        if value["func"] in ("count", "count_distinct"):
            zero = self.pl.DataFrame({"__total": [0]})
            return zero.select(self.test(self.pl.col("__total"), value["test"])).item()
        return value["test"] == "missing" or "ne" in value["test"]

    def members(self, segment):
        key = self.order["key"]
        frame = self.frames[self.order["entity"]]
        for part in [*self.parts(self.order["population"]), *self.parts(segment)]:
            ((kind, value),) = part.items()
            negated = kind == "not" and value != "all" and next(iter(value)) in ("exists", "total")
            if negated:
                ((kind, value),) = value.items()
            if kind in ("exists", "total"):
                ids, absent = self.presence(kind, value)
                other = self.order["tables"][value["dataset"]]
                how = "anti" if absent != negated else "semi"
                frame = frame.join(ids, left_on=key, right_on=other, how=how)
                continue
            flags = []
            condition = self.condition(part, flags)
            for name, ids in flags:
                other = ids.collect_schema().names()[0]
                marked = ids.unique().with_columns(self.pl.lit(True).alias(name))
                frame = frame.join(marked, left_on=key, right_on=other, how="left")
            frame = frame.filter(condition)
        return frame

    @staticmethod
    def parts(segment):
        if segment != "all" and "and" in segment:
            return [leaf for part in segment["and"] for leaf in Bears.parts(part)]
        return [] if segment == "all" else [segment]

    def band(self, band):
        column = self.pl.col(band["field"])
        made = self.pl.when(column >= band["edges"][-1]).then(self.pl.lit(band["labels"][-1]))
        for edge, label in zip(reversed(band["edges"]), reversed(band["labels"][:-1])):
            made = self.pl.when(column < edge).then(self.pl.lit(label)).otherwise(made)
        return made

    def shown(self, question):
        show = question["show"]
        members = self.members(question["segment"])
        if show["metric"]:
            raise Unsupported("metric")
        if not show["by"]:
            return members.select(self.pl.len())
        key, names, many, made = self.order["key"], [], None, []
        for number, name in enumerate(show["by"]):
            table, _, column = name.rpartition(".")
            names.append(f"k{number}")
            if table:
                many = (table, [*(many[1] if many else []), (column, names[-1])])
            elif name in self.order["bands"]:
                made.append(self.band(self.order["bands"][name]).alias(names[-1]))
            else:
                made.append(self.pl.col(name).alias(names[-1]))
        members = members.select(key, *made)
        if not many:
            return members.group_by(names).agg(self.pl.len().alias("n"))
        table, columns = many
        rows = self.frames[table]
        if show["rows"]:
            rows = rows.filter(self.condition(show["rows"], []))
        other = self.order["tables"][table]
        rows = rows.select(other, *[self.pl.col(column).alias(name) for column, name in columns])
        joined = members.join(rows, left_on=key, right_on=other)
        return joined.group_by(names).agg(self.pl.col(key).n_unique().alias("n"))


def resident():
    """Bytes that this process has in memory."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


class Stage:
    """Those who are asked."""

    def __init__(self, folder):
        self.folder, self.who = folder, {}

    def open(self, order):
        makers = {
            "DuckDB Parquet": ("duckdb", lambda: Duck(order, False, self.folder)),
            "DuckDB native": ("duckdb", lambda: Duck(order, True, self.folder)),
            "DuckDB kept": ("duckdb", lambda: Kept(order, self.folder)),
            "Polars": ("polars", lambda: Bears(order)),
        }
        found, missing = [], []
        for name, (module, make) in makers.items():
            if module not in order["rivals"]:
                continue
            try:
                self.who[name] = make()
                found.append({"name": name, "version": self.who[name].version, "load_s": self.who[name].load_s})
            except ImportError:
                missing.append(module)
        native = [path.stat().st_size for path in pathlib.Path(self.folder).glob("native.duckdb*")]
        return {"found": found, "missing": sorted(set(missing)), "native_bytes": sum(native)}

    def fresh(self, _):
        # DuckDB keeps one database for all connections of a process: those of its file are closed together.
        for one in self.who.values():
            if hasattr(one, "connection"):
                one.connection.close()
                one.connection = None
        for one in self.who.values():
            one.fresh()
        return {}

    def ask(self, order):
        try:
            return self.who[order["name"]].ask(order["question"])
        except Unsupported as what:
            return {"unsupported": str(what)}

    def ask_all(self, order):
        return {"answers": self.who[order["name"]].ask_all(order["talk"])}

    def memory(self, _):
        return {"resident": resident()}


def main():
    # Whatever an engine prints, a bar of its progress for one, is no answer: it goes where errors go.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as folder:
        stage = Stage(folder)
        for line in sys.stdin:
            order = json.loads(line)
            try:
                answer = getattr(stage, order["op"])(order)
            except Exception as error:  # Whatever an engine says is told to who asked.
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
