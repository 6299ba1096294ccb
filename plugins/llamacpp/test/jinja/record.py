"""Renders the templates and snippets beside this file with Python's Jinja, set up as transformers 4.57 does for chats.

Usage: python -m venv v && v/bin/pip install jinja2==3.1.6 && v/bin/python record.py    writes expected.json
"""
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

here = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 11, 5, 9, 7, 3)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_written"), [], [], body).set_lineno(line)

    def _written(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = lambda format: NOW.strftime(format)


def render(source, names):
    try:
        return {"text": env.from_string(source).render(**names)}
    except Exception as error:  # what Python refuses, we refuse
        return {"error": type(error).__name__}


snippets = json.loads((here / "snippets.json").read_text())
chats = json.loads((here / "chats.json").read_text())
expected = {
    "recorded": {"jinja2": jinja2.__version__, "on": datetime.date.today().isoformat()},
    "snippets": [render(source, names) for source, names in snippets],
    "templates": {
        file.stem: [render(file.read_text(), {"bos_token": "<s>", "eos_token": "</s>", **chat}) for chat in chats]
        for file in sorted(here.glob("templates/*.jinja"))
    },
}
(here / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
failed = sum("error" in one for many in expected["templates"].values() for one in many)
print(len(snippets), "snippets;", len(chats), "chats;", failed, "refused")
