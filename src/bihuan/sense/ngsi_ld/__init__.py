"""NGSI-LD (ETSI GS CIM 009): what its requests say and what its answers look like. Needs no database.

    context = read_context({"Vehicle": "https://example.org/Vehicle"}, lookup)
    entity = read_entity(payload, context, at=now)
    shown = written(entity, Form(), context)

The store keeps entities as `documents.Document`: names expanded, normalised, times of the system beside each attribute.
"""
