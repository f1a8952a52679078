# SPDX-License-Identifier: Apache-2.0
"""The messages of an OTLP trace export, as opentelemetry-proto 1.x has them (names, numbers, types), built into
protobuf descriptors, so that exported JSON is decoded by protobuf's own JSON reader: unknown members, wrong
types and wrong enum values are errors there. Wants python3-protobuf."""

import base64
import copy

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

FILE, PACKAGE = "sandboxd/test/otlp.proto", "otlp"

# message: {field: (number, type)}; "*" before a type: repeated, "?": member of the message's oneof.
MESSAGES = {
    "ExportTraceServiceRequest": {"resource_spans": (1, "*ResourceSpans")},
    "ResourceSpans": {"resource": (1, "Resource"), "scope_spans": (2, "*ScopeSpans"), "schema_url": (3, "string")},
    "ScopeSpans": {"scope": (1, "InstrumentationScope"), "spans": (2, "*Span"), "schema_url": (3, "string")},
    "Resource": {"attributes": (1, "*KeyValue"), "dropped_attributes_count": (2, "uint32")},
    "InstrumentationScope": {"name": (1, "string"), "version": (2, "string"), "attributes": (3, "*KeyValue"),
                             "dropped_attributes_count": (4, "uint32")},
    "Span": {"trace_id": (1, "bytes"), "span_id": (2, "bytes"), "trace_state": (3, "string"),
             "parent_span_id": (4, "bytes"), "name": (5, "string"), "kind": (6, "SpanKind"),
             "start_time_unix_nano": (7, "fixed64"), "end_time_unix_nano": (8, "fixed64"),
             "attributes": (9, "*KeyValue"), "dropped_attributes_count": (10, "uint32"), "events": (11, "*Event"),
             "dropped_events_count": (12, "uint32"), "links": (13, "*Link"), "dropped_links_count": (14, "uint32"),
             "status": (15, "Status"), "flags": (16, "fixed32")},
    "Event": {"time_unix_nano": (1, "fixed64"), "name": (2, "string"), "attributes": (3, "*KeyValue"),
              "dropped_attributes_count": (4, "uint32")},
    "Link": {"trace_id": (1, "bytes"), "span_id": (2, "bytes"), "trace_state": (3, "string"),
             "attributes": (4, "*KeyValue"), "dropped_attributes_count": (5, "uint32"), "flags": (6, "fixed32")},
    "Status": {"message": (2, "string"), "code": (3, "StatusCode")},
    "KeyValue": {"key": (1, "string"), "value": (2, "AnyValue")},
    "AnyValue": {"string_value": (1, "?string"), "bool_value": (2, "?bool"), "int_value": (3, "?int64"),
                 "double_value": (4, "?double"), "array_value": (5, "?ArrayValue"),
                 "kvlist_value": (6, "?KeyValueList"), "bytes_value": (7, "?bytes")},
    "ArrayValue": {"values": (1, "*AnyValue")},
    "KeyValueList": {"values": (1, "*KeyValue")},
}
ENUMS = {
    "SpanKind": ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"],
    "StatusCode": ["UNSET", "OK", "ERROR"],
}
Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {"string": Field.TYPE_STRING, "bytes": Field.TYPE_BYTES, "uint32": Field.TYPE_UINT32,
           "fixed32": Field.TYPE_FIXED32, "fixed64": Field.TYPE_FIXED64, "bool": Field.TYPE_BOOL,
           "int64": Field.TYPE_INT64, "double": Field.TYPE_DOUBLE}
ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def _add_field(message, name, number, kind):
    field = message.field.add(name=name, number=number, label=Field.LABEL_OPTIONAL)
    if kind[0] == "*":
        field.label = Field.LABEL_REPEATED
    if kind[0] == "?":
        if not message.oneof_decl:
            message.oneof_decl.add(name="value")
        field.oneof_index = 0
    kind = kind.lstrip("*?")
    if kind in SCALARS:
        field.type = SCALARS[kind]
    else:
        field.type = Field.TYPE_ENUM if kind in ENUMS else Field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{kind}"


def _request_class():
    file = descriptor_pb2.FileDescriptorProto(name=FILE, package=PACKAGE, syntax="proto3")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=f"{name}_{value}", number=number)
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            _add_field(message, field, number, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return factory.GetPrototype(pool.FindMessageTypeByName(f"{PACKAGE}.ExportTraceServiceRequest"))


REQUEST = _request_class()


def _hex_to_base64(node):
    """OTLP's JSON has ids in hex, where protobuf's own has base64: the one difference."""
    if isinstance(node, list):
        for item in node:
            _hex_to_base64(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in ID_BYTES:
                raw = bytes.fromhex(value)
                if len(raw) != ID_BYTES[name] or not any(raw) or value != value.lower():
                    raise ValueError(f"{name} is no id: {value!r}")
                node[name] = base64.b64encode(raw).decode()
            else:
                if name in ("kind", "code") and not isinstance(value, int):
                    raise ValueError(f"{name} is an enum, and those are numbers: {value!r}")
                if name in ("startTimeUnixNano", "endTimeUnixNano", "intValue") and not isinstance(value, str):
                    raise ValueError(f"{name} has 64 bits, and such numbers are texts: {value!r}")
                _hex_to_base64(value)


def decode(document):
    """The export request as a protobuf message; ValueError or json_format.ParseError if it is none."""
    document = copy.deepcopy(document)
    _hex_to_base64(document)
    return json_format.ParseDict(document, REQUEST(), ignore_unknown_fields=False)
