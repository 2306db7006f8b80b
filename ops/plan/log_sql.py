"""The SQL that makes one table of any log: what is known of each request, and what is wrong with its line.

    connection.execute(f"CREATE TABLE request AS {record_lines(path)}")

Pure text in, text out. Rows keep the order of the log. Columns: `time` microseconds since 1970; `model`; `caller`;
`question` 128 bits of MD5 of caller and digest, or of the body's text; `body` text as sent; `duration` microseconds and
`size` bytes, 0 unknown; `answer` 128 bits of MD5; `verdict`, NULL for a request with a question: "bypass:" and the
reason, "skip:" and why it is no request to a model, "wrong:" and what is wrong, never with a value of the log.
A body that is a JSON value, not text, has neither `question` nor `body`: DuckDB would write its numbers anew.

Facts (duckdb.org/docs): a column of type JSON shows what kind of value it was, the text of text begins with a quote;
a cast to TIMESTAMP drops the offset from UTC, one to TIMESTAMPTZ heeds it and takes a time without one as the
setting TimeZone says.
"""

from __future__ import annotations

from collections.abc import Mapping

MAX_LINE_BYTES = 16 * 1024 * 1024
UNREADABLE = "wrong:unreadable"  # the line gave no column at all: it has to be looked at
RECORD = (
    "time",
    "model",
    "body",
    "digest",
    "caller",
    "latency_ms",
    "answer",
    "answer_digest",
    "answer_bytes",
    "bypass",
)
KONG = ("started_at", "latencies", "prediction_cache", "consumer", "response")
TEXTS = ("caller", "digest", "bypass", "answer_digest")  # of a record, beside model, which must be there
AMOUNTS = ("latency_ms", "answer_bytes")

_NO_TIME = "time must be RFC 3339 text such as 2026-11-01T12:00:00Z, or Unix seconds as a number"
_LATEST_SECONDS = 100_000_000_000  # the year 5138; larger numbers are milliseconds


def record_lines(path: str, compression: str = "none") -> str:
    """JSON lines in the plan's own form."""
    texts = ", ".join(f"json_extract_string({name}, '$') AS {name}" for name in ("model", "bypass", "answer"))
    amounts = ", ".join(f"{_number(name)} AS {name}" for name in AMOUNTS)
    time = f"""CASE WHEN starts_with(time, '"') THEN {_instant("json_extract_string(time, '$')")}
      ELSE {_unix_seconds(_number("time"))} END"""
    body = """CASE WHEN starts_with(body, '"') THEN json_extract_string(body, '$') END"""
    wrong = {
        UNREADABLE: _all_missing(RECORD),
        **_common_faults(f"({time}) IS NULL"),
        "wrong:model must be text": _is_no_text("model"),
        **{f"wrong:{name} must be text": _is_no_text(name) for name in TEXTS},
        **{f"wrong:{name} must be a number, 0 or more": _is_no_amount(name, _number(name)) for name in AMOUNTS},
    }
    return _requests(
        f"""SELECT {time} AS time, {texts}, {amounts}, caller, digest, answer_digest, {body} AS body,
        body IS NOT NULL AS has_body, {_case(wrong)} AS fault FROM ({_lines(path, compression, RECORD)}) AS line"""
    )


def kong_lines(path: str, compression: str = "none") -> str:
    """JSON lines of Kong's log plugins, file-log and http-log."""
    entry = {name: f"json_extract_string(prediction_cache, '$.{name}')" for name in ("model", "outcome", "bypass")}
    question = "nullif(json_extract(prediction_cache, '$.question')::VARCHAR, 'null')"
    time = f"TRY_CAST({_number('started_at')} * 1000 AS BIGINT)"
    skipped = {
        UNREADABLE: _all_missing(KONG),
        "skip:no prediction_cache": "prediction_cache IS NULL",
        "wrong:prediction_cache must be an object": "NOT starts_with(prediction_cache, '{')",
        "skip:refused": f"{entry['outcome']} = 'refused'",
        "wrong:started_at must be a number, Unix milliseconds": f"{time} IS NULL",
        "wrong:prediction_cache has no model": f"{entry['model']} IS NULL",
    }
    # A request without a question of its own went past the cache, whatever it is called.
    reason = f"""coalesce({entry["bypass"]}, CASE WHEN {question} IS NULL OR {entry["outcome"]} IN ('bypass', 'failed')
      THEN coalesce({entry["outcome"]}, 'unknown') END)"""
    # What a cached answer took is not what the model takes.
    latency = f"CASE WHEN {entry['outcome']} NOT IN ('hit', 'stale') THEN {_number(_at('latencies', 'proxy'))} END"
    size = f"coalesce({_number(_at('prediction_cache', 'answer_bytes'))}, {_number(_at('response', 'size'))})"
    return _requests(
        f"""SELECT {time} AS time, {entry["model"]} AS model, {reason} AS bypass, {question} AS digest,
        coalesce(json_extract_string(consumer, '$.username'), json_extract_string(consumer, '$.id')) AS caller,
        greatest({latency}, 0) AS latency_ms, greatest({size}, 0) AS answer_bytes, NULL::VARCHAR AS answer,
        NULL::VARCHAR AS answer_digest, NULL::VARCHAR AS body, false AS has_body, {_case(skipped)} AS fault
        FROM ({_lines(path, compression, KONG)}) AS line"""
    )


def is_of_kong(path: str, compression: str = "none") -> str:
    """Whether the first lines that can be read are Kong's: one row, true or false."""
    lines = f"SELECT * FROM ({_lines(path, compression, (*RECORD, *KONG))}) LIMIT 100"
    return f"SELECT coalesce(bool_or(started_at IS NOT NULL) AND NOT bool_or(time IS NOT NULL), false) FROM ({lines})"


def parquet_rows(path: str, types: Mapping[str, str]) -> str:
    """A Parquet file in the plan's own form; `types` are those of its columns that are in RECORD, checked already."""
    column = {name: name if name in types else "NULL" for name in RECORD}
    kind = types["time"]
    if kind.startswith("TIMESTAMP"):
        time = "epoch_us(time::TIMESTAMP)"
    elif kind == "VARCHAR":
        time = _instant("time")
    else:
        time = _unix_seconds("time::DOUBLE")
    texts = ", ".join(f"{column[name]}::VARCHAR AS {name}" for name in ("model", "body", "answer", *TEXTS))
    amounts = ", ".join(f"{column[name]}::DOUBLE AS {name}" for name in AMOUNTS)
    wrong = {
        **_common_faults(f"({time}) IS NULL", **column),
        **{
            f"wrong:{name} must be a number, 0 or more": _is_no_amount(column[name], f"{column[name]}::DOUBLE")
            for name in AMOUNTS
        },
    }
    return _requests(
        f"""SELECT {time} AS time, {texts}, {amounts}, {column["body"]} IS NOT NULL AS has_body, {_case(wrong)} AS fault
        FROM read_parquet({quoted(path)})"""
    )


def quoted(text: str) -> str:
    """The text as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def lines(path: str, compression: str = "none") -> str:
    """The lines as they stand in the file, blank ones left out: one column, `line`."""
    return f"SELECT json::VARCHAR AS line FROM read_json_objects({_file(path, compression)})"


def _requests(fields: str) -> str:
    return f"""SELECT time, model, caller, CASE WHEN digest IS NOT NULL
        THEN md5_number(concat(strlen(caller), ':', caller, digest)) ELSE md5_number(body) END AS question,
      body, coalesce(TRY_CAST(latency_ms * 1000 AS BIGINT), 0) AS duration,
      coalesce(TRY_CAST(answer_bytes AS BIGINT), strlen(answer), 0) AS size,
      md5_number(coalesce(answer_digest, answer)) AS answer,
      coalesce(fault, 'bypass:' || bypass) AS verdict
      FROM ({fields}) AS field"""


def _lines(path: str, compression: str, names: tuple[str, ...]) -> str:
    columns = ", ".join(f"{name}: 'JSON'" for name in names)
    texts = ", ".join(f"{name}::VARCHAR AS {name}" for name in names)
    return f"SELECT {texts} FROM read_json({_file(path, compression)}, columns={{{columns}}})"


def _file(path: str, compression: str) -> str:
    options = f"ignore_errors=true, maximum_object_size={MAX_LINE_BYTES}, compression={quoted(compression)}"
    return f"{quoted(path)}, format='newline_delimited', {options}"


def _common_faults(no_time: str, **column: str) -> dict[str, str]:
    time, model, body, digest, bypass = (column.get(n, n) for n in ("time", "model", "body", "digest", "bypass"))
    return {
        "wrong:time is missing": f"{time} IS NULL",
        f"wrong:{_NO_TIME}": no_time,
        "wrong:model is missing": f"{model} IS NULL",
        "wrong:body and digest are both there: one of them": f"{body} IS NOT NULL AND {digest} IS NOT NULL",
        "wrong:body or digest is missing": f"coalesce({body}, {digest}, {bypass}) IS NULL",
        "wrong:body is larger than 16 MiB": f"strlen({body}) > {MAX_LINE_BYTES}",
    }


def _case(verdicts: Mapping[str, str]) -> str:
    return "CASE " + " ".join(f"WHEN {when} THEN {quoted(verdict)}" for verdict, when in verdicts.items()) + " END"


def _all_missing(names: tuple[str, ...]) -> str:
    return f"coalesce({', '.join(names)}) IS NULL"


def _is_no_text(name: str) -> str:
    return f"""NOT starts_with({name}, '"')"""


def _is_no_amount(name: str, number: str) -> str:
    return f"{name} IS NOT NULL AND NOT coalesce(({number}) BETWEEN 0 AND 1e15, false)"


def _number(text: str) -> str:
    return f"TRY_CAST({text} AS DOUBLE)"


def _at(name: str, member: str) -> str:
    return f"json_extract({name}, '$.{member}')::VARCHAR"


def _instant(text: str) -> str:
    """Lower-case t and z are RFC 3339 too, a date alone is not."""
    instant = f"coalesce(TRY_CAST({text} AS TIMESTAMPTZ), TRY_CAST(upper({text}) AS TIMESTAMPTZ))"
    return f"CASE WHEN strlen({text}) >= 16 THEN epoch_us({instant}) END"


def _unix_seconds(number: str) -> str:
    return f"CASE WHEN abs({number}) < {_LATEST_SECONDS} THEN round(({number}) * 1e6)::BIGINT END"
