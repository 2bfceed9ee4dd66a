"""The typed records that engines hand to one another through the store. One file a family.

Every record is frozen and made of plain values, so that it can be compared, hashed, sent to another process and
written as one JSON object. `document` (Document, Passage), `statement` (Statement, Commitment, Link),
`indicator` (Indicator, Project: the pack's registry), `case` (Case, Clock, EvidenceRef), `signal` (Signal) and
`principal` (Principal).
"""
