# SPDX-License-Identifier: Apache-2.0
"""Holds answers to an OpenAPI 3.1 document: the JSON Schema that ours uses, and no keyword passed over in silence."""

import json
import re

ANNOTATIONS = {"description", "title", "examples", "default", "format", "summary"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}


class Mismatch(AssertionError):
    pass


def _same(a, b):
    return type(a) is type(b) and a == b


class Document:
    def __init__(self, document):
        self.document = document
        self._keywords = {
            "type": self._type, "enum": self._enum, "const": self._const, "properties": self._properties,
            "required": self._required, "additionalProperties": self._additional, "items": self._items,
            "oneOf": self._one_of, "pattern": self._pattern, "minimum": self._minimum,
            "maximum": self._maximum, "minLength": self._min_length, "maxLength": self._max_length,
        }

    def resolve(self, item):
        while isinstance(item, dict) and "$ref" in item:
            node = self.document
            for name in item["$ref"].removeprefix("#/").split("/"):
                node = node[name]
            item = node
        return item

    def operations(self):
        """(method, path, operation) of every route."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    yield method.upper(), path, operation

    def operation(self, method, path):
        """The route that a request's path belongs to: (path in the document, operation), or None."""
        path = path.split("?")[0]
        for candidate, template, operation in self.operations():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if candidate == ("GET" if method == "HEAD" else method) and re.fullmatch(pattern, path):
                return template, operation
        return None

    def check(self, method, path, response):
        """The answer to a request must be one that the document tells of, headers and body."""
        found = self.operation(method, path)
        if found is None:
            raise Mismatch(f"{method} {path} is not in the document")
        described = self.resolve(found[1]["responses"].get(str(response.status)))
        if described is None:
            raise Mismatch(f"{method} {path} answered {response.status}, which is not in the document: {response}")
        for name, header in described.get("headers", {}).items():
            header = self.resolve(header)
            value = response.headers.get(name.lower())
            if value is None:
                if header.get("required"):
                    raise Mismatch(f"{method} {path}: {response.status} has no {name}")
                continue
            schema = self.resolve(header["schema"])
            self.check_value(int(value) if schema.get("type") == "integer" else value, schema, name)
        if "content" not in described:
            if response.body:
                raise Mismatch(f"{method} {path}: {response.status} has a body, and the document tells of none")
            return
        media_type = response.headers.get("content-type", "").split(";")[0]
        media = described.get("content", {}).get(media_type)
        if media is None:
            raise Mismatch(f"{method} {path}: {response.status} came as {media_type!r}")
        text = response.body.decode()
        body = json.loads(text) if media_type.endswith("json") else text
        self.check_value(body, media["schema"], f"{method} {path} {response.status}")

    def check_value(self, value, schema, at):
        schema = self.resolve(schema)
        for keyword, argument in schema.items():
            if keyword in ANNOTATIONS:
                continue
            check = self._keywords.get(keyword)
            if check is None:
                raise Mismatch(f"{at}: tests/support/openapi.py does not know the keyword {keyword}")
            check(value, argument, schema, at)

    @staticmethod
    def _expect(condition, at, text, value):
        if not condition:
            raise Mismatch(f"{at}: {text}: {json.dumps(value)[:300]}")

    def _type(self, value, names, _, at):
        names = names if isinstance(names, list) else [names]
        self._expect(any(TYPES[name](value) for name in names), at, f"is not {' or '.join(names)}", value)

    def _enum(self, value, values, _, at):
        self._expect(any(_same(value, v) for v in values), at, f"is not one of {values}", value)

    def _const(self, value, constant, _, at):
        self._expect(_same(value, constant), at, f"is not {constant!r}", value)

    def _properties(self, value, properties, _, at):
        if isinstance(value, dict):
            for name in properties.keys() & value.keys():
                self.check_value(value[name], properties[name], f"{at}/{name}")

    def _required(self, value, names, _, at):
        if isinstance(value, dict):
            self._expect(set(names) <= value.keys(), at, f"lacks {set(names) - value.keys()}", value)

    def _additional(self, value, rule, schema, at):
        if not isinstance(value, dict):
            return
        rest = value.keys() - schema.get("properties", {}).keys()
        if rule is False:
            self._expect(not rest, at, f"has undocumented members {rest}", value)
        elif isinstance(rule, dict):
            for name in rest:
                self.check_value(value[name], rule, f"{at}/{name}")

    def _items(self, value, schema, _, at):
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.check_value(item, schema, f"{at}/{index}")

    def _one_of(self, value, schemas, _, at):
        faults = []
        for schema in schemas:
            try:
                self.check_value(value, schema, at)
            except Mismatch as fault:
                faults.append(str(fault))
        self._expect(len(faults) == len(schemas) - 1, at, f"fits {len(schemas) - len(faults)} of oneOf {faults}", value)

    def _pattern(self, value, pattern, _, at):
        self._expect(not isinstance(value, str) or re.search(pattern, value), at, f"does not fit {pattern}", value)

    def _minimum(self, value, bound, _, at):
        self._expect(not TYPES["number"](value) or value >= bound, at, f"is below {bound}", value)

    def _maximum(self, value, bound, _, at):
        self._expect(not TYPES["number"](value) or value <= bound, at, f"is above {bound}", value)

    def _min_length(self, value, bound, _, at):
        self._expect(not isinstance(value, str) or len(value) >= bound, at, f"is shorter than {bound}", value)

    def _max_length(self, value, bound, _, at):
        self._expect(not isinstance(value, str) or len(value) <= bound, at, f"is longer than {bound}", value)
